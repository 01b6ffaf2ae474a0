//! Prints `docs/configuration.md`: `cargo run -q -p strongroom-server --example manual`.

fn main() {
    print!("{}", strongroom_server::config::manual());
}
