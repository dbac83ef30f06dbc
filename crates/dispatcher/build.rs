//! Makes the programs of this package find the libpython that the stages were linked with, rather
//! than whichever the system has.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(folder) = std::env::var("DEP_EPYCLOUD_STAGES_LIBPYTHON") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
