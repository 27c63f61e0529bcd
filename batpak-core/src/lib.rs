//! batpak.
