//! Cuts what the encoder writes: one chunk per GOP of a video track, one per quarter of a second of an audio track.
//!
//! MPEG-TS is looked at only where it must be (which packet begins a table, when a frame is shown): a handful of fixed
//! bits, less than any demultiplexer's interface (decision record on media).

use anyhow::{Context as _, bail};
use bytes::{Buf as _, Bytes, BytesMut};
use mp4_atom::{Atom as _, Moof};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::library::{Live, TrackId};

/// How a track is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Container {
    Ts,
    Mp4,
}

impl Container {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ts => "ts",
            Self::Mp4 => "mp4",
        }
    }
}

/// What was cut off.
#[derive(Debug, PartialEq)]
pub enum Cut {
    /// What every player of fragmented MP4 reads first.
    Init(Bytes),
    /// Media that begins `start` seconds after the first.
    Chunk { start: f64, data: Bytes },
}

/// Reads one track to its end and keeps what is cut off.
///
/// # Errors
/// Bytes that are not what an encoder writes, or a file that cannot be written.
pub async fn read(
    mut from: impl AsyncRead + Unpin,
    live: &Live,
    track: TrackId,
    container: Container,
) -> anyhow::Result<()> {
    let mut cutter = match container {
        Container::Ts => Cutter::Ts(TsCutter::default()),
        Container::Mp4 => Cutter::Mp4(Mp4Cutter::default()),
    };
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        let cuts = match &mut cutter {
            Cutter::Ts(cutter) => cutter.push(&buffer[..read])?,
            Cutter::Mp4(cutter) => cutter.push(&buffer[..read])?,
        };
        for cut in cuts {
            live.keep(track, container, cut)?;
        }
    }
}

enum Cutter {
    Ts(TsCutter),
    Mp4(Mp4Cutter),
}

const PACKET: usize = 188;
/// How many ticks MPEG-TS's clock can count.
const CLOCK: u64 = 1 << 33;
/// Ticks of MPEG-TS's clock in a second.
const TICKS: f64 = 90_000.0;
/// What the encoder adds to every time of MPEG-TS.
const TS_OFFSET_SECONDS: f64 = 10.0;

/// A chunk of MPEG-TS goes from one program association table to the next: the encoder writes one before each key frame.
#[derive(Default)]
pub struct TsCutter {
    rest: BytesMut,
    chunk: BytesMut,
    start: Option<f64>,
    /// The clock has 33 bits: it begins again after 26 hours.
    clock: u64,
}

impl TsCutter {
    /// # Errors
    /// A packet that does not begin as one.
    pub fn push(&mut self, bytes: &[u8]) -> anyhow::Result<Vec<Cut>> {
        self.rest.extend_from_slice(bytes);
        let mut cuts = Vec::new();
        while self.rest.len() >= PACKET {
            let packet = self.rest.split_to(PACKET);
            if packet[0] != 0x47 {
                bail!("the encoder's MPEG-TS lost its rhythm");
            }
            let begins = packet[1] & 0x40 != 0;
            let pid = u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
            if pid == 0
                && begins
                && let Some(start) = self.start.take()
            {
                cuts.push(Cut::Chunk { start, data: self.chunk.split().freeze() });
            }
            if begins && self.start.is_none() {
                self.start = presented_at(&packet).map(|ticks| self.seconds(ticks));
            }
            self.chunk.extend_from_slice(&packet);
        }
        Ok(cuts)
    }

    fn seconds(&mut self, ticks: u64) -> f64 {
        let mut whole = self.clock / CLOCK * CLOCK + ticks;
        if whole + CLOCK / 2 < self.clock {
            whole += CLOCK;
        }
        self.clock = whole;
        whole as f64 / TICKS - TS_OFFSET_SECONDS
    }
}

/// When the frame that begins in this packet is shown, in ticks of its 33 bits.
fn presented_at(packet: &[u8]) -> Option<u64> {
    let has_adaptation = packet[3] & 0x20 != 0;
    let at = if has_adaptation { 5 + usize::from(packet[4]) } else { 4 };
    let pes = packet.get(at..at + 14)?;
    if pes[..3] != [0, 0, 1] || pes[7] & 0x80 == 0 {
        return None;
    }
    let bits = |byte: u8, mask: u8| u64::from(byte & mask);
    let ticks = bits(pes[9], 0x0e) << 29
        | bits(pes[10], 0xff) << 22
        | bits(pes[11], 0xfe) << 14
        | bits(pes[12], 0xff) << 7
        | bits(pes[13], 0xfe) >> 1;
    Some(ticks)
}

/// A chunk of fragmented MP4 is one `moof` with its `mdat`; what comes before the first is the initialisation.
#[derive(Default)]
pub struct Mp4Cutter {
    rest: BytesMut,
    init: BytesMut,
    fragment: BytesMut,
    timescale: u32,
    start: f64,
}

impl Mp4Cutter {
    /// # Errors
    /// Boxes that cannot be read.
    pub fn push(&mut self, bytes: &[u8]) -> anyhow::Result<Vec<Cut>> {
        self.rest.extend_from_slice(bytes);
        let mut cuts = Vec::new();
        while let Some(whole) = self.next_box()? {
            let (kind, mut body) = (&whole[4..8], &whole[8..]);
            match kind {
                b"ftyp" => self.init.extend_from_slice(&whole),
                b"moov" => {
                    let moov = mp4_atom::Moov::decode_body(&mut body).context("the encoder's moov")?;
                    let track = moov.trak.first().context("the encoder's moov has no track")?;
                    self.timescale = track.mdia.mdhd.timescale;
                    self.init.extend_from_slice(&whole);
                    cuts.push(Cut::Init(self.init.split().freeze()));
                }
                b"moof" => {
                    let moof = Moof::decode_body(&mut body).context("the encoder's moof")?;
                    let time = moof.traf.first().and_then(|traf| traf.tfdt.as_ref()).context("a moof without time")?;
                    self.start = time.base_media_decode_time as f64 / f64::from(self.timescale.max(1));
                    self.fragment.extend_from_slice(&whole);
                }
                b"mdat" => {
                    self.fragment.extend_from_slice(&whole);
                    cuts.push(Cut::Chunk { start: self.start, data: self.fragment.split().freeze() });
                }
                _ => {}
            }
        }
        Ok(cuts)
    }

    /// The next box that has wholly arrived.
    fn next_box(&mut self) -> anyhow::Result<Option<Bytes>> {
        if self.rest.len() < 8 {
            return Ok(None);
        }
        let mut head = &self.rest[..8];
        let size = head.get_u32() as usize;
        if size < 8 {
            bail!("the encoder's MP4 has a box of {size} bytes");
        }
        Ok((self.rest.len() >= size).then(|| self.rest.split_to(size).freeze()))
    }
}
