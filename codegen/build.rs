//! Tells cargo that the embedded templates are an input of this crate, new
//! files included. It makes nothing.

fn main() {
    println!("cargo:rerun-if-changed=../templates");
    println!("cargo:rerun-if-changed=build.rs");
}
