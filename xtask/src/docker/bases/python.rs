//! The machine's Python in `/usr/local`, as the public image has it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{SYSTEM, files};
use crate::failure::Failure;
use crate::process::capture;

/// Where the public image has its Python.
const PREFIX: &str = "/usr/local";
/// What a Python is asked: its place, and whether it has a shared library there.
const QUERY: &str = "import sys, sysconfig; \
    print(sys.base_prefix, int(bool(sysconfig.get_config_var('Py_ENABLE_SHARED'))), sep='\\n')";
/// What the public image leaves out, what belongs to the machine's user, and compiled modules.
const EXCLUDED: [&str; 7] = [
    "__pycache__",
    "site-packages/*",
    "lib/python*/test",
    "lib/python*/idlelib/idle_test",
    "lib/python*/config-*",
    "*.a",
    "lib/python*/lib-dynload/_tkinter*",
];
const DOCKERFILE: &str = "\
RUN apt-get update -q \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends \\
    libbz2-1.0 libexpat1 libffi8 liblzma5 libncursesw6 libreadline8 libsqlite3-0 libssl3 \\
    libtirpc3 libuuid1 netbase tzdata zlib1g \\
 && apt-get clean && rm -rf /var/lib/apt/lists/*
COPY local/ /usr/local/
RUN ldconfig && ln -s python3 /usr/local/bin/python && python3 --version
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
CMD [\"python3\"]
";

/// Puts the context of the stand-in together.
pub(super) fn collect(version: &str, folder: &Path) -> Result<(), Failure> {
    let prefix = find(version)?;
    let local = folder.join("local");
    let name = format!("python{version}");
    let library = format!("lib/lib{name}.so.1.0");
    let modules = format!("lib/{name}");
    let headers = format!("include/{name}");
    files::copy(
        &prefix,
        &[
            &format!("bin/{name}"),
            &library,
            &format!("lib/lib{name}.so"),
            &modules,
            &headers,
        ],
        &EXCLUDED,
        &local,
    )?;
    relocate(&prefix, &local.join(modules))?;
    let link = local.join("bin/python3");
    std::os::unix::fs::symlink(&name, &link)
        .map_err(|source| Failure::File { path: link, source })?;
    files::write(
        &folder.join("Dockerfile"),
        &format!("FROM {SYSTEM}\n{DOCKERFILE}"),
    )
}

/// A Python of this version that was built with its shared library under a prefix of its own.
fn find(version: &str) -> Result<PathBuf, Failure> {
    let program = format!("python{version}");
    let answer = capture(Command::new(&program).args(["-c", QUERY]))?;
    match answer.lines().collect::<Vec<_>>()[..] {
        [prefix, "1"]
            if Path::new(prefix)
                .join("lib")
                .join(format!("lib{program}.so.1.0"))
                .is_file() =>
        {
            Ok(prefix.into())
        }
        _ => Err(Failure::missing(format!(
            "`{program}` has no shared library under its own prefix (build one with --enable-shared)"
        ))),
    }
}

/// Makes `sysconfig` name the new place: programs are linked by what it says.
fn relocate(prefix: &Path, modules: &Path) -> Result<(), Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::File { path, source }
    };
    for entry in std::fs::read_dir(modules).map_err(failed(modules))? {
        let path = entry.map_err(failed(modules))?.path();
        let is_data = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("_sysconfigdata"));
        if is_data {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            files::write(&path, &text.replace(&*prefix.to_string_lossy(), PREFIX))?;
        }
    }
    Ok(())
}
