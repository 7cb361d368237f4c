//! Generates the raw bindings from the vendored document: `openapi/compute-v1.yaml` → rules → progenitor → passes →
//! `$OUT_DIR/bindings.rs`. Without the feature `codegen` it does nothing, and the committed bindings are compiled.

#[cfg(not(feature = "codegen"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}

#[cfg(feature = "codegen")]
fn main() {
    const DOCUMENT: &str = "openapi/compute-v1.yaml";
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={DOCUMENT}");
    if let Err(error) = generate(DOCUMENT) {
        println!("cargo::error={DOCUMENT}: {error}");
    }
}

#[cfg(feature = "codegen")]
fn generate(document: &str) -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    let bindings = genesiscloud_codegen::generate(&std::fs::read_to_string(document)?)?;
    std::fs::write(std::path::Path::new(&directory).join("bindings.rs"), bindings)?;
    Ok(())
}
