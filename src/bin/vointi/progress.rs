//! One line on standard error while something takes long, if somebody is watching.

use std::{
    io::{self, IsTerminal, Write},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

/// Says what is being done and for how long, from two seconds on, until it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    watch: Option<(Sender<()>, thread::JoinHandle<()>)>,
}

impl Progress {
    pub(crate) fn new(doing: &'static str) -> Self {
        if !io::stderr().is_terminal() {
            return Self { watch: None };
        }
        let (stop, stopped) = channel();
        let start = Instant::now();
        let watch = thread::spawn(move || {
            let mut wait = Duration::from_secs(2);
            let mut shown = false;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(io::stderr().lock(), "\r{doing} … {} s", start.elapsed().as_secs());
                (wait, shown) = (Duration::from_secs(1), true);
            }
            if shown {
                let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
            }
        });
        Self { watch: Some((stop, watch)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, watch)) = self.watch.take() {
            drop(stop);
            let _ = watch.join();
        }
    }
}
