//! Hostile input through the binary: it ends with the whole list and 0, or with 1, one line that says why, and nothing on
//! stdout.

mod common;

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use common::hostile::{self, Fate, Hostile};
use common::{BINARY, run};
use split_planes::wire::{self, Resource};

/// How long a long scalar is; without optimization libyaml is slow.
const MEGABYTES: usize = if cfg!(debug_assertions) { 2 } else { 50 };

/// What the function may have besides one and a half of its input.
const MEMORY: usize = 64 << 20;

/// What it may ask the system for without using it, such as the stacks of threads.
const RESERVED: usize = 512 << 20;

/// How the function ended.
struct Ended {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: String,
    /// The most memory it had when it began to write, where the system tells.
    peak: Option<usize>,
}

/// Runs the function, which must not ask for much more memory than its input has.
fn function(input: &[u8]) -> Ended {
    let mut command = if cfg!(target_os = "linux") {
        let kilobytes = (input.len() * 3 / 2 + MEMORY + RESERVED) / 1024;
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v \"$0\" && exec \"$1\"", &kilobytes.to_string(), BINARY]);
        shell
    } else {
        Command::new(BINARY)
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the function starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let mut out = child.stdout.take().expect("stdout is piped");
    let mut err = child.stderr.take().expect("stderr is piped");
    thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).ok());
        let stderr = scope.spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).expect("messages are text");
            text
        });
        // Once it writes it has all the memory it will have; it waits with what the pipe does not hold.
        let mut stdout = vec![0];
        let count = out.read(&mut stdout).expect("stdout is read");
        stdout.truncate(count);
        let peak = peak(&child);
        out.read_to_end(&mut stdout).expect("stdout is read");
        let stderr = stderr.join().expect("reading does not panic");
        Ended { status: child.wait().expect("it ends"), stdout, stderr, peak }
    })
}

/// The peak of the resident memory of a process that runs.
fn peak(child: &Child) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    kilobytes.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kilobytes| kilobytes * 1024)
}

/// Whether `output` is a whole list, which is `input` with results at its end and nothing else.
fn is_input_with_results(output: &[u8], input: &[u8]) -> bool {
    let (Ok(list), Ok(before)) = (wire::read(output), wire::read(input)) else { return false };
    let is_same = list.items.iter().map(Resource::value).eq(before.items.iter().map(Resource::value));
    let output = String::from_utf8_lossy(output);
    let input = String::from_utf8_lossy(input);
    let kept = if input.starts_with('{') { &input[..input.len() - 1] } else { &input[..] };
    // A block scalar that is cut says that it has no line break at its end when one is added.
    let plain = output.replacen("|2-", "|2", 1).replacen(">-", ">", 1);
    let Some(added) = output.strip_prefix(kept).or_else(|| plain.strip_prefix(kept)) else { return false };
    let added = added.replace('\r', "");
    is_same
        && if input.starts_with('{') {
            added.starts_with(",\"results\": [") && added.ends_with("]}")
        } else {
            // A last line without a line break gets one.
            added.trim_start_matches('\n').starts_with("results:\n- ") && added.ends_with('\n')
        }
}

#[test]
fn hostile_lists_are_written_or_refused_as_a_whole() {
    for Hostile { name, bytes, fate } in hostile::lists(MEGABYTES) {
        let Ended { status, stdout, stderr, peak } = function(&bytes);
        let told = stderr.lines().next().unwrap_or_default();
        assert_eq!(stderr.lines().count(), 1, "{name}: one line tells, not {stderr:.1000}");
        assert!(stderr.len() < 400, "{name}: {stderr:.1000}");
        match fate {
            Fate::Written => {
                assert!(status.success() && told.starts_with("info: "), "{name}: {status}, {told}");
                assert!(is_input_with_results(&stdout, &bytes), "{name}: the list changes");
            }
            Fate::Refused(problem) => {
                assert_eq!(status.code(), Some(1), "{name}: {told}");
                assert!(told.starts_with("error: ") && told.contains(problem), "{name}: {told}");
                assert!(stdout.is_empty(), "{name}: half a list is worse than none");
            }
        }
        let limit = bytes.len() * 3 / 2 + MEMORY;
        assert!(peak.is_none_or(|peak| peak <= limit), "{name}: {peak:?} bytes of memory for {}", bytes.len());
    }
}

/// A mark takes a column at the start of a line, so that nothing stands at the column of the dash behind it.
#[test]
fn a_list_that_cannot_carry_results_comes_back_as_it_came() {
    let input = format!("results:\n\u{feff}- message: earlier\n{}", hostile::list("v"));
    let output = run(&mut Command::new(BINARY), input.as_bytes());
    assert_eq!((output.status.code(), output.stdout), (Some(1), input));
    let messages: Vec<&str> = output.stderr.lines().collect();
    let is_told = |message: &str| message.starts_with("error: ") && message.contains("line 2, column 1: a byte-order");
    assert!(matches!(messages[..], [message] if is_told(message)), "{messages:?}");
}

/// A list in many styles; what it is configured with stands first, so that it works wherever the items are cut.
const LIST: &str = "\
\u{feff}--- # a list
functionConfig: {apiVersion: split-planes.dev/v1alpha1, kind: PlaneSplit, spec: {output: ControlPlane, planes: {unmatched: ControlPlane}}}
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
# of é
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: \"é🚀\\u00e9\"
    annotations: {a: 'b', \"c\": d}
  data:
    literal: |2
       text
      - b
    folded: >
      text

        more

    quoted: \"a
- b \\
    c\"
    mode: 0644
- {apiVersion: v1, kind: Service, metadata: {name: b}, data: {x: [&x a, *x]}}

- apiVersion: v1
  kind: Service
  metadata: &m
    name: c # last
  spec:
    <<: {a: b}
    ports:
    - - 80
      - 443
    - ? a
      : b
";

#[test]
fn a_list_cut_anywhere_is_written_or_refused_as_a_whole() {
    let json = r#"{"functionConfig":{"apiVersion":"split-planes.dev/v1alpha1","kind":"PlaneSplit","spec":{"output":"ControlPlane","planes":{"unmatched":"ControlPlane"}}},"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"é\u00e9"},"data":{"x":"\"\n"}}]}"#;
    let (mut written, mut refused) = (0, 0);
    for list in [LIST.to_owned(), LIST.replace('\n', "\r\n"), json.to_owned()] {
        for cut in (0..=list.len()).step_by(5).chain([list.len()]) {
            let input = &list.as_bytes()[..cut];
            let output = run(&mut Command::new(BINARY), input);
            let stderr = &output.stderr;
            match output.status.code() {
                Some(0) => {
                    written += 1;
                    assert!(is_input_with_results(output.stdout.as_bytes(), input), "cut at {cut}: {}", output.stdout);
                    assert!(stderr.starts_with("info: "), "cut at {cut}: {stderr}");
                }
                Some(1) => {
                    refused += 1;
                    let is_whole = output.stdout.is_empty() || is_input_with_results(output.stdout.as_bytes(), input);
                    assert!(is_whole, "cut at {cut}: {}", output.stdout);
                    assert!(stderr.starts_with("error: ") && stderr.lines().count() == 1, "cut at {cut}: {stderr}");
                }
                code => panic!("cut at {cut}: {code:?}, {stderr}"),
            }
        }
    }
    assert!(written > 50 && refused > 100, "{written} written, {refused} refused");
}
