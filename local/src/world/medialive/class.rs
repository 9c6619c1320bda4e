//! Another class for a channel, and new starts for its pipelines (aws-facts 1.1, 1.2, 1.6).

use serde_json::{Value, json};

use super::admission::Wanted;
use super::channels::allow;
use super::{Channel, ChannelClass, ChannelState};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, World, merge};

impl World {
    /// Only when IDLE. STANDARD to single takes the second URL of each destination away; the other way needs one, and
    /// STANDARD inputs (aws-facts 1.6). The inputs stay attached.
    pub fn update_channel_class(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
        class: ChannelClass,
        destinations: Option<Value>,
    ) -> Result<Channel, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let mut channel = self.channel(region, now, id)?.clone();
        allow(&channel, "given another class", &[ChannelState::Idle])?;
        channel.class = class;
        if let Some(destinations) = destinations {
            merge(&mut channel.doc, json!({"destinations": destinations}));
        } else if class == ChannelClass::SinglePipeline {
            keep_first_urls(&mut channel.doc);
        }
        let defects = url_defects(&channel);
        if !defects.is_empty() {
            return Err(AwsError::invalid_elements(defects));
        }
        self.admit_channel(region, now, &Wanted::from(&channel))?;
        channel.state = ChannelState::Updating;
        self.region(region).medialive.channels.insert(id.to_owned(), channel.clone());
        self.settle_channel_after(region, now, id, self.switches.durations.channel_class);
        Ok(channel)
    }

    /// Restarts these pipelines of a RUNNING channel, or all when none is named: they are away for a while and come back
    /// as after a failure (aws-facts 1.2).
    pub fn restart_channel_pipelines(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
        pipelines: &[usize],
    ) -> Result<Channel, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let channel = self.channel(region, now, id)?;
        allow(channel, "restarted", &[ChannelState::Running])?;
        let count = channel.class.pipelines();
        let mut wanted = if pipelines.is_empty() { (0..count).collect() } else { pipelines.to_vec() };
        wanted.sort_unstable();
        wanted.dedup();
        if let Some(missing) = wanted.iter().find(|pipeline| **pipeline >= count) {
            return Err(AwsError::bad_request(format!("Channel {id} has no PIPELINE_{missing}")));
        }
        for pipeline in wanted {
            self.fail_pipeline(region, now, id, pipeline)?;
        }
        self.channel(region, now, id).cloned()
    }
}

fn destinations(doc: &Value) -> impl Iterator<Item = (usize, &Vec<Value>)> {
    let list = doc["destinations"].as_array().into_iter().flatten().enumerate();
    list.filter_map(|(i, destination)| Some((i, destination["settings"].as_array()?)))
        .filter(|(_, settings)| !settings.is_empty())
}

fn keep_first_urls(doc: &mut Value) {
    let list = doc.get_mut("destinations").and_then(Value::as_array_mut);
    for destination in list.into_iter().flatten() {
        if let Some(settings) = destination.get_mut("settings").and_then(Value::as_array_mut) {
            settings.truncate(1);
        }
    }
}

/// One URL for each pipeline.
fn url_defects(channel: &Channel) -> Vec<(String, String)> {
    let count = channel.class.pipelines();
    let wrong = destinations(&channel.doc).filter(|(_, settings)| settings.len() != count);
    let why = |found: usize| {
        format!("A {} channel needs {count} destination settings, found {found}", channel.class.as_str())
    };
    wrong.map(|(i, settings)| (format!("destinations[{i}].settings"), why(settings.len()))).collect()
}
