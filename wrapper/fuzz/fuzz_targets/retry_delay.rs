#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| genesiscloud::fuzz::retry_delay(input));
