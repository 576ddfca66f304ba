//! The app's files, embedded. All of them lie in one folder named after the hash of their content: the modules find
//! each other by relative address, browsers may keep them for good, and a change of any makes a new folder.

use std::sync::LazyLock;

use crate::vault::sha256;

include!(concat!(env!("OUT_DIR"), "/phone_files.rs"));

/// The service worker's own text, to which [`super::pages`] adds the list of files.
pub(super) const WORKER: &str = include_str!(concat!(env!("OUT_DIR"), "/sw.js"));
/// What `sw.js` must not keep: itself, and what nobody opens at the market.
const NOT_KEPT: [&str; 5] = ["sw.js", "check.js", "licences.txt", "icon-180.png", "icon-512.png"];

/// The folder's name.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (name, content) in OWN.iter().chain(READER) {
        all.extend_from_slice(name.as_bytes());
        all.extend_from_slice(&sha256(content));
    }
    data_encoding::HEXLOWER.encode(&sha256(&all)[..6])
});

/// A file as it is embedded.
pub(super) enum Content {
    /// As it is.
    Plain(&'static [u8]),
    /// Packed with gzip.
    Packed(&'static [u8]),
}

/// A file by its name: its kind and its content.
pub(super) fn find(name: &str) -> Option<(&'static str, Content)> {
    let among =
        |files: &[(&str, &'static [u8])]| files.iter().find(|(known, _)| *known == name).map(|(_, content)| *content);
    let content = among(OWN).map(Content::Plain).or_else(|| among(READER).map(Content::Packed))?;
    let ends = name.rsplit('.').next().unwrap_or_default();
    let kind = match ends {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "text/plain; charset=utf-8",
    };
    Some((kind, content))
}

/// The address of a file.
pub(super) fn url(name: &str) -> String {
    format!("/app/{}/{name}", *VERSION)
}

/// Addresses of what every phone keeps.
pub(super) fn kept() -> Vec<String> {
    OWN.iter().map(|(name, _)| *name).filter(|name| !NOT_KEPT.contains(name)).map(url).collect()
}

/// Addresses of the code reader, which only phones without one of their own load; none in a build without it.
pub(super) fn reader() -> Vec<String> {
    READER.iter().map(|(name, _)| *name).filter(|name| !NOT_KEPT.contains(name)).map(url).collect()
}
