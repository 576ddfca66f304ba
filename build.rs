//! Lists the files of the phone's app (`pwa/`) for embedding, together with the code reader that `npm ci` puts into
//! `node_modules` and its licences. Never runs npm, never touches the network: without the package the program still
//! builds, and phones that can't read a code themselves send a still frame to it instead. In CI, or when
//! `LALANH_REQUIRE_WEB` is set, the build fails without it.
//!
//! What is large, the reader, the faces of our papers and the API's document, is embedded packed (gzip).

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;

/// The reader's files: where the packages have them, and what the app calls them.
const READER: [(&str, &str); 3] = [
    ("barcode-detector/dist/es/ponyfill.js", "ponyfill.js"),
    ("barcode-detector/dist/es/zxing-exported.js", "zxing-exported.js"),
    ("zxing-wasm/dist/reader/zxing_reader.wasm", "zxing_reader.wasm"),
];
/// The packages they come from.
const PACKAGES: [&str; 2] = ["barcode-detector", "zxing-wasm"];

/// A face by the name it is embedded under.
type Face = (&'static str, fn() -> &'static [u8]);
/// The faces of our papers.
const FACES: [Face; 6] = [
    ("sans", dejavu::sans_condensed::regular),
    ("sans-bold", dejavu::sans_condensed::bold),
    ("mono", dejavu::sans_mono::bold),
    ("serif", dejavu::serif_condensed::regular),
    ("serif-bold", dejavu::serif_condensed::bold),
    ("serif-italic", dejavu::serif_condensed::italic),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=pwa");
    println!("cargo::rerun-if-changed=package-lock.json");
    println!("cargo::rerun-if-changed=assets/openapi.json");
    // They are embedded by a macro, which does not see a new file.
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-env-changed=LALANH_REQUIRE_WEB");
    link_small();
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let packages = root.join("node_modules");
    let mut own = Vec::new();
    for entry in fs::read_dir(root.join("pwa"))? {
        let path = entry?.path();
        let ends = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        if matches!(ends, "js" | "css" | "png" | "svg") {
            own.push(path);
        }
    }
    own.sort();
    for path in &mut own {
        if path.extension().is_some_and(|end| end == "js") {
            let name = path.file_name().ok_or(io::ErrorKind::InvalidData)?;
            let bare = out.join(name);
            fs::write(&bare, without_comments(&fs::read_to_string(&path)?))?;
            *path = bare;
        }
    }
    let mut reader = Vec::new();
    if READER.iter().all(|(from, _)| packages.join(from).is_file()) {
        println!("cargo::rerun-if-changed=node_modules/.package-lock.json");
        for (from, name) in READER {
            reader.push(write_packed(&out, name, &fs::read(packages.join(from))?)?);
        }
        reader.push(write_packed(&out, "licences.txt", licences(&packages)?.as_bytes())?);
    } else if env::var_os("CI").is_some() || env::var_os("LALANH_REQUIRE_WEB").is_some() {
        println!("cargo::error=the code reader is not in node_modules: run `npm ci`");
    } else {
        println!(
            "cargo::warning=built without the code reader (node_modules is missing): phones without one of their own \
             send still frames. For a complete build: npm ci, touch build.rs, build again"
        );
    }
    write_packed(&out, "openapi.json", &fs::read(root.join("assets/openapi.json"))?)?;
    for (name, face) in FACES {
        write_packed(&out, &format!("{name}.ttf"), face())?;
    }
    fs::write(out.join("phone_files.rs"), format!("{}{}", list("OWN", &own)?, list("READER", &reader)?))
}

/// Has the release linked a tenth smaller: addresses that the loader must adjust are listed packed (DT_RELR, which C
/// libraries read since 2022), and identical functions lie in it once. The latter is for the linker that comes with Rust
/// on this processor; one that was chosen by hand may not know it.
fn link_small() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if !is("PROFILE", "release") || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    if is("CARGO_CFG_TARGET_ARCH", "x86_64") && env::var_os("RUSTC_LINKER").is_none() {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

/// Writes a file packed, under its name and `.gz`.
fn write_packed(out: &Path, name: &str, content: &[u8]) -> io::Result<PathBuf> {
    let path = out.join(format!("{name}.gz"));
    let mut packed = GzEncoder::new(fs::File::create(&path)?, Compression::best());
    packed.write_all(content)?;
    packed.finish()?;
    Ok(path)
}

/// A module without the comments that stand on lines of their own: half of what a phone would load. Everything else stays as
/// it was written.
fn without_comments(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut inside = false;
    for line in source.lines() {
        let words = line.trim();
        inside = inside || (words.starts_with("/**") && (words.ends_with("*/") || !words.contains("*/")));
        if !inside && !words.is_empty() && !words.starts_with("//") {
            text.push_str(words);
            text.push('\n');
        }
        inside = inside && !words.ends_with("*/");
    }
    text
}

/// A constant that embeds the files under their names; packed ones without their `.gz`.
fn list(name: &str, files: &[PathBuf]) -> io::Result<String> {
    let mut text = format!("const {name}: &[(&str, &[u8])] = &[\n");
    for path in files {
        let file = path.file_name().and_then(|file| file.to_str()).ok_or(io::ErrorKind::InvalidData)?;
        let name = file.strip_suffix(".gz").unwrap_or(file);
        writeln!(text, "    ({name:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
    }
    text.push_str("];\n");
    Ok(text)
}

/// The notices that must go along with the reader.
fn licences(packages: &Path) -> io::Result<String> {
    let mut text = String::new();
    for package in PACKAGES {
        let licence = fs::read_to_string(packages.join(package).join("LICENSE"))?;
        write!(text, "{package}\n\n{licence}\n\n").map_err(io::Error::other)?;
    }
    Ok(text)
}
