//! The simulated account alone, without the stack: for scripts of other AWS clients (see `tests/foreign`).
//!
//! `cargo run -p headend-local --example aws_only -- [SPEED] [RECORDING]` serves on a free port and prints
//! `ready aws=URL`.

use headend_local::cloud::{Cloud, CloudConfig};
use headend_local::wire;
use headend_local::world::WorldConfig;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let speed = arguments.next().map_or(Ok(20.0), |text| text.parse())?;
    let record = arguments.next().map(Into::into);
    let world = WorldConfig { speed, ..WorldConfig::default() };
    let cloud = Cloud::new(CloudConfig { world, record, ..CloudConfig::default() })?;
    cloud.s3.create_bucket("headend-archive", cloud.now());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("ready aws=http://{}", listener.local_addr()?);
    wire::serve(listener, cloud).await?;
    Ok(())
}
