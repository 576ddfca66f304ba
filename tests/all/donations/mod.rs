mod import;
mod import_pages;
mod pages;
mod recording;
