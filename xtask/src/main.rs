//! batpak.
fn main() {}
