//! Cuts what the encoder writes: one chunk per GOP, of video at its key frames, of audio at the first frame that begins
//! with the GOP or after it.
//!
//! MPEG-TS is looked at only where it must be (which packet begins a table, when a frame is shown): a handful of fixed
//! bits, less than any demultiplexer's interface (decision record on media).

use anyhow::{Context as _, bail};
use bytes::{Buf as _, Bytes, BytesMut};
use mp4_atom::{Atom as _, Encode as _, Moof, Trun, TrunEntry};
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
    let every = match track {
        TrackId::Video(_) => None,
        TrackId::Audio(_) => Some(live.profile.gop_seconds()),
    };
    let mut cutter = match container {
        Container::Ts => Cutter::Ts(TsCutter::every(every)),
        Container::Mp4 => Cutter::Mp4(Mp4Cutter::every(every)),
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

/// Frames begin where their GOP says, to within the rounding of the containers' clocks.
pub const ROUNDING_SECONDS: f64 = 0.005;

/// Whether a frame at `now` belongs to another piece than the one at `before`, where pieces begin every so many seconds.
fn crosses(every: f64, before: f64, now: f64) -> bool {
    let piece = |seconds: f64| ((seconds + ROUNDING_SECONDS) / every).floor();
    piece(now) > piece(before)
}

/// A chunk of video goes from one program association table to the next: the encoder writes one before each key frame.
/// Of sound it writes tables once; each chunk begins with them.
#[derive(Default)]
pub struct TsCutter {
    rest: BytesMut,
    chunk: BytesMut,
    start: Option<f64>,
    /// The clock has 33 bits: it begins again after 26 hours.
    clock: u64,
    /// Sound is cut every so many seconds.
    every: Option<f64>,
    tables: Vec<BytesMut>,
    /// How many chunks have begun: tables are counted, too.
    begun: u8,
}

impl TsCutter {
    /// Cuts sound every so many seconds, and video at its key frames.
    pub fn every(every: Option<f64>) -> Self {
        Self { every, ..Self::default() }
    }

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
            let presented = presented_at(&packet).filter(|_| begins).map(|ticks| self.seconds(ticks));
            let ends = match (self.every, self.start, presented) {
                (None, Some(_), _) => pid == 0 && begins,
                (Some(every), Some(start), Some(now)) => crosses(every, start, now),
                (_, None, _) | (Some(_), _, None) => false,
            };
            if ends && let Some(start) = self.start.take() {
                cuts.push(Cut::Chunk { start, data: self.chunk.split().freeze() });
                self.repeat_tables();
            }
            self.start = self.start.or(presented);
            if self.every.is_some() && self.start.is_none() {
                self.tables.push(packet.clone());
            }
            self.chunk.extend_from_slice(&packet);
        }
        Ok(cuts)
    }

    /// Each packet of a pid counts one further than the one before (four bits of its fourth byte).
    fn repeat_tables(&mut self) {
        self.begun = self.begun.wrapping_add(1);
        for table in &self.tables {
            let at = self.chunk.len();
            self.chunk.extend_from_slice(table);
            self.chunk[at + 3] = table[3] & 0xf0 | (table[3].wrapping_add(self.begun) & 0x0f);
        }
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

/// A chunk of fragmented MP4 is one `moof` with its `mdat`; what comes before the first is the initialisation. The encoder
/// writes one for each GOP of video, and one for each frame of sound: those become one.
#[derive(Default)]
pub struct Mp4Cutter {
    rest: BytesMut,
    init: BytesMut,
    pub timescale: u32,
    /// Sound is cut every so many seconds.
    every: Option<f64>,
    pieces: Vec<(Moof, Bytes)>,
    /// Written as it came, while no other piece follows it.
    fragment: BytesMut,
}

impl Mp4Cutter {
    /// Cuts sound every so many seconds, and video at its key frames.
    pub fn every(every: Option<f64>) -> Self {
        Self { every, ..Self::default() }
    }

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
                    let begun = self.pieces.first().map(|(first, _)| self.start(first)).transpose()?;
                    let start = self.start(&moof)?;
                    if let (Some(every), Some(begun)) = (self.every, begun)
                        && crosses(every, begun, start)
                    {
                        cuts.push(Cut::Chunk { start: begun, data: joined(std::mem::take(&mut self.pieces))? });
                    }
                    self.fragment.clear();
                    self.fragment.extend_from_slice(&whole);
                    self.pieces.push((moof, Bytes::new()));
                }
                b"mdat" => {
                    let (moof, data) = self.pieces.last_mut().context("an mdat without moof")?;
                    if self.every.is_some() {
                        *data = whole.slice(8..);
                        continue;
                    }
                    let start = start(moof, self.timescale)?;
                    self.pieces.clear();
                    self.fragment.extend_from_slice(&whole);
                    cuts.push(Cut::Chunk { start, data: self.fragment.split().freeze() });
                }
                _ => {}
            }
        }
        Ok(cuts)
    }

    fn start(&self, moof: &Moof) -> anyhow::Result<f64> {
        start(moof, self.timescale)
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

fn start(moof: &Moof, timescale: u32) -> anyhow::Result<f64> {
    let time = moof.traf.first().and_then(|traf| traf.tfdt.as_ref()).context("a moof without time")?;
    Ok(time.base_media_decode_time as f64 / f64::from(timescale.max(1)))
}

/// Many fragments of one track as one. Their samples' sizes and durations may stand in each fragment's defaults.
fn joined(pieces: Vec<(Moof, Bytes)>) -> anyhow::Result<Bytes> {
    let mut entries = Vec::new();
    for (moof, _) in &pieces {
        for traf in &moof.traf {
            let samples = traf.trun.iter().flat_map(|run| run.samples.iter());
            entries.extend(samples.map(|sample| TrunEntry {
                duration: sample.duration.or(traf.tfhd.default_sample_duration),
                size: sample.size.or(traf.tfhd.default_sample_size),
                flags: None,
                cts: None,
            }));
        }
    }
    let mut moof = pieces.first().context("BUG: nothing to join")?.0.clone();
    let traf = moof.traf.first_mut().context("a moof without track")?;
    // Of sound every sample is a key frame: the first fragment's default says so of all.
    traf.trun = vec![Trun { data_offset: Some(0), samples: entries.into() }];
    let mut measured = Vec::new();
    moof.encode(&mut measured)?;
    let offset = i32::try_from(measured.len() + 8)?;
    moof.traf[0].trun[0].data_offset = Some(offset);
    let mut whole = Vec::new();
    moof.encode(&mut whole)?;
    let size: usize = pieces.iter().map(|(_, data)| data.len()).sum();
    whole.extend(u32::try_from(size + 8)?.to_be_bytes());
    whole.extend(b"mdat");
    pieces.iter().for_each(|(_, data)| whole.extend_from_slice(data));
    Ok(Bytes::from(whole))
}
