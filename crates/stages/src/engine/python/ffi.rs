//! The calls into CPython's C API that pyo3 has no safe form of: starting an interpreter with a
//! configuration, and raising an exception in a running thread.

#![expect(
    unsafe_code,
    reason = "pyo3 wraps neither PyConfig nor PyThreadState_SetAsyncExc"
)]

use std::ffi::{CStr, CString, c_char, c_long};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use pyo3::types::PyType;
use pyo3::{Bound, ffi};

/// The version of the Python that is linked, `3.11.7`.
pub(super) fn linked_version() -> String {
    // SAFETY: callable before initialisation; returns a pointer to a static string.
    let version = unsafe { CStr::from_ptr(ffi::Py_GetVersion()) };
    let version = version.to_string_lossy();
    version
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Starts the interpreter as if `executable` had been run, and detaches from it: afterwards
/// `Python::attach` works on every thread, and the calling one is Python's main thread.
///
/// UTF-8 mode is on, so that files read the same whatever the locale; signal handlers are the
/// host's; the fault handler is on, so that a crash in native code says where it was.
pub(super) fn start(executable: &Path) -> Result<(), String> {
    let executable = CString::new(executable.as_os_str().as_bytes())
        .map_err(|_| "its path has a zero byte".to_owned())?;
    // SAFETY: asks for a flag; callable at any time.
    if unsafe { ffi::Py_IsInitialized() } != 0 {
        return Err("an interpreter is running already".to_owned());
    }
    preinitialize()?;
    let mut config = Config::new();
    config.0.install_signal_handlers = 0;
    config.0.parse_argv = 0;
    config.0.faulthandler = 1;
    config.set(|config| &raw mut config.program_name, &executable)?;
    config.set(|config| &raw mut config.executable, &executable)?;
    // SAFETY: the configuration is initialised and its strings were set through PyConfig's own
    // functions; no interpreter runs, and only this thread starts one (`PythonThread` holds the
    // process's only one).
    check(unsafe { ffi::Py_InitializeFromConfig(&raw const *config.0) })?;
    // SAFETY: this thread is attached since the initialisation just above.
    unsafe { ffi::PyEval_SaveThread() };
    Ok(())
}

fn preinitialize() -> Result<(), String> {
    let mut config = MaybeUninit::<ffi::PyPreConfig>::uninit();
    // SAFETY: fills in every field of the structure that it is given.
    let mut config = unsafe {
        ffi::PyPreConfig_InitPythonConfig(config.as_mut_ptr());
        config.assume_init()
    };
    config.parse_argv = 0;
    config.utf8_mode = 1;
    // It would change the environment while other threads may be reading it.
    config.coerce_c_locale = 0;
    // SAFETY: the structure is initialised; no interpreter runs yet.
    check(unsafe { ffi::Py_PreInitialize(&raw const config) })
}

/// A `PyConfig` and the strings it owns.
struct Config(Box<ffi::PyConfig>);

impl Config {
    fn new() -> Self {
        let mut config = Box::new(MaybeUninit::<ffi::PyConfig>::uninit());
        // SAFETY: fills in every field of the structure that it is given.
        unsafe {
            ffi::PyConfig_InitPythonConfig(config.as_mut_ptr());
            Self(config.assume_init())
        }
    }

    fn set(
        &mut self,
        field: impl FnOnce(&mut ffi::PyConfig) -> *mut *mut nix::libc::wchar_t,
        value: &CStr,
    ) -> Result<(), String> {
        let config = &mut *self.0;
        let field = field(config);
        // SAFETY: both pointers are into the same live, initialised configuration, and the value
        // is a C string that outlives the call, which copies it.
        check(unsafe { ffi::PyConfig_SetBytesString(config, field, value.as_ptr()) })
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: the configuration is initialised, and nothing uses its strings afterwards.
        unsafe { ffi::PyConfig_Clear(&raw mut *self.0) };
    }
}

fn check(status: ffi::PyStatus) -> Result<(), String> {
    // SAFETY: only looks at the structure.
    if unsafe { ffi::PyStatus_Exception(status) } == 0 {
        return Ok(());
    }
    let text = |pointer: *const c_char| {
        // SAFETY: a status's texts are null or static C strings.
        (!pointer.is_null()).then(|| {
            unsafe { CStr::from_ptr(pointer) }
                .to_string_lossy()
                .into_owned()
        })
    };
    Err(text(status.err_msg)
        .or_else(|| text(status.func))
        .unwrap_or_else(|| format!("exit code {}", status.exitcode)))
}

/// Has a Python thread raise an exception at its next bytecode; `thread` is what
/// `threading.get_ident()` says there. Whether there is such a thread.
pub(super) fn raise_in_thread(thread: c_long, exception: &Bound<'_, PyType>) -> bool {
    // SAFETY: this thread is attached (`exception` is bound), and the class is alive for the call,
    // which takes its own reference.
    unsafe { ffi::PyThreadState_SetAsyncExc(thread, exception.as_ptr()) > 0 }
}
