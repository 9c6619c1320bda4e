//! Random bytes from the operating system: platform ids, stream keys, the CDN identifier.

use headend_control::ports::Entropy;

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        // Without randomness a stream key could be guessed: better no answer than such a key.
        getrandom::fill(&mut bytes).expect("BUG: the operating system gives no random bytes");
        bytes
    }
}
