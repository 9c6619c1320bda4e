//! What follows from an input's type and sources: its class, and the addresses of a push input.

use super::{ChannelClass, CreateInput, Input, InputDestination, InputState, InputType};
use crate::world::World;

impl World {
    /// The addresses of a push input; they stay for its life (aws-facts 1.8).
    pub(super) fn destinations(&mut self, input: &Input) -> Vec<InputDestination> {
        let scheme = match input.kind {
            InputType::RtmpPush => "rtmp",
            InputType::RtpPush => "rtp",
            InputType::UdpPush => "udp",
            InputType::SrtListener => "srt",
            InputType::UrlPull
            | InputType::RtmpPull
            | InputType::Mp4File
            | InputType::TsFile
            | InputType::MediaConnect
            | InputType::SrtCaller
            | InputType::AwsCdi
            | InputType::InputDevice => return Vec::new(),
        };
        if let Some(first) = self.ingest_ports.filter(|_| input.kind == InputType::RtmpPush) {
            return self.on_this_machine(input, first);
        }
        let port = if input.kind == InputType::RtmpPush { "1935" } else { "5000" };
        // Documentation networks: nobody's real host, and two endpoints never share an address.
        let networks = ["198.51.100", "203.0.113"];
        (0..input.class.pipelines())
            .map(|endpoint| {
                let ip = match input.destinations.get(endpoint) {
                    Some(kept) => kept.ip.clone(),
                    None => format!("{}.{}", networks[endpoint], self.dice.between(1, 254)),
                };
                let path = input.stream_names.get(endpoint).map(|name| format!("/{name}"));
                let url = format!("{scheme}://{ip}:{port}{}", path.unwrap_or_default());
                InputDestination { ip, port: port.to_owned(), url }
            })
            .collect()
    }

    /// One free port per endpoint; the ones it has stay.
    fn on_this_machine(&self, input: &Input, first: u16) -> Vec<InputDestination> {
        let others = self.regions.values().flat_map(|region| region.medialive.inputs.values());
        let others = others.filter(|other| other.id != input.id && other.state != InputState::Deleted);
        let mut taken: Vec<String> = others.flat_map(|other| &other.destinations).map(|it| it.port.clone()).collect();
        let ip = std::net::Ipv4Addr::LOCALHOST.to_string();
        let mut destinations = Vec::new();
        for (endpoint, name) in input.stream_names.iter().enumerate().take(input.class.pipelines()) {
            let kept = input.destinations.get(endpoint).map(|kept| kept.port.clone());
            let free = || (first..).map(|port| port.to_string()).find(|port| !taken.contains(port));
            let port = kept.or_else(free).unwrap_or_else(|| first.to_string());
            taken.push(port.clone());
            destinations.push(InputDestination { ip: ip.clone(), url: format!("rtmp://{ip}:{port}/{name}"), port });
        }
        destinations
    }
}

/// The class follows from the number of sources or endpoints; CreateInput has no member for it (aws-facts 1.6).
pub(super) fn class_of(request: &CreateInput) -> ChannelClass {
    class_from(request.kind, request.stream_names.len(), request.sources.len(), request.flows.len())
}

pub(super) fn class_from(kind: InputType, streams: usize, sources: usize, flows: usize) -> ChannelClass {
    let ways = match kind {
        InputType::RtmpPush => streams,
        InputType::UrlPull | InputType::RtmpPull | InputType::Mp4File | InputType::TsFile | InputType::SrtCaller => {
            sources
        }
        InputType::MediaConnect => flows,
        InputType::RtpPush
        | InputType::UdpPush
        | InputType::AwsCdi
        | InputType::SrtListener
        | InputType::InputDevice => 2,
    };
    if ways >= 2 { ChannelClass::Standard } else { ChannelClass::SinglePipeline }
}
