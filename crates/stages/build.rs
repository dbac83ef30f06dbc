//! Makes the programs of this package find the libpython that they were linked with, rather than
//! whichever the system has, and tells the packages that depend on it where that is
//! (`DEP_EPYCLOUD_STAGES_LIBPYTHON` in their build scripts).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "python")]
    if let Some(folder) = pyo3_build_config::get().lib_dir() {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
        println!("cargo::metadata=libpython={folder}");
    }
}
