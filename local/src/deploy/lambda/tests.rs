//! The Runtime API and the life of environments, with a real process that plays the function.

use std::path::Path;

use serde_json::{Value, json};

use super::*;

struct Deployed {
    function: Arc<Function>,
    logs: Arc<LogSink>,
    folder: PathBuf,
}

/// A function with one variable and a timeout.
fn deploy(test: &str, variable: (&str, &str), timeout: Duration, concurrency: usize) -> Deployed {
    let folder = fake::folder(test);
    let spec = FunctionSpec {
        short_name: "create-platform".into(),
        name: "headend-create-platform".into(),
        arn: "arn:aws:lambda:eu-west-1:123456789012:function:headend-create-platform".into(),
        region: "eu-west-1".into(),
        binary: fake::install(&folder, "create-platform"),
        handler: "bootstrap".into(),
        timeout,
        memory_mb: 256,
        log_group: "/aws/lambda/headend-create-platform".into(),
        asynchronous: Default::default(),
        variables: BTreeMap::from([(variable.0.to_owned(), variable.1.to_owned())]),
        concurrency,
    };
    let additions =
        LocalAdditions { endpoint_url: "http://127.0.0.1:1".into(), time_scale: 20.0, loopback_webhooks: false };
    let logs = Arc::new(LogSink::new(None, false).unwrap());
    Deployed { function: Function::new(spec, additions, logs.clone()), logs, folder }
}

fn usual(test: &str) -> Deployed {
    deploy(test, ("GREETING", "hello"), Duration::from_secs(30), 10)
}

impl Deployed {
    async fn ask(&self, what: &str) -> Result<Value, InvokeError> {
        let answer = self.function.invoke(Bytes::from(json!({"do": what}).to_string())).await;
        answer.map(|bytes| serde_json::from_slice(&bytes).unwrap())
    }

    async fn failure(&self, what: &str) -> FunctionError {
        match self.ask(what).await {
            Err(InvokeError::Function(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    fn started(&self) -> u64 {
        self.function.started.load(Ordering::Relaxed)
    }

    async fn end(self) {
        self.function.shut_down().await;
        std::fs::remove_dir_all(self.folder).unwrap();
    }
}

#[tokio::test]
async fn one_environment_serves_one_invocation_after_the_other() {
    let deployed = usual("lambda-warm");
    assert_eq!(deployed.ask("echo").await.unwrap(), json!({"do": "echo"}));
    let error = deployed.failure("fail").await;
    assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Broken", "as asked"));
    assert_eq!(deployed.ask("echo").await.unwrap(), json!({"do": "echo"}));
    assert_eq!(deployed.started(), 1, "an error of the function does not end its environment");
    deployed.end().await;
}

#[tokio::test]
async fn a_crash_fails_the_invocation_and_the_next_one_gets_a_new_environment() {
    let deployed = usual("lambda-crash");
    let error = deployed.failure("crash").await;
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert!(error.message.ends_with("Runtime exited with error: exit status: 7"), "{error}");
    assert!(deployed.ask("echo").await.is_ok());
    assert_eq!(deployed.started(), 2);
    deployed.end().await;
}

#[tokio::test]
async fn a_function_that_outlives_its_timeout_is_killed() {
    let deployed = deploy("lambda-timeout", ("A", "b"), Duration::from_secs(1), 10);
    let error = deployed.failure("hang").await;
    assert_eq!(error.error_type, "Sandbox.Timedout");
    assert!(error.message.ends_with("Task timed out after 1.00 seconds"), "{error}");
    assert!(deployed.ask("echo").await.is_ok());
    assert_eq!(deployed.started(), 2);
    deployed.end().await;
}

#[tokio::test]
async fn a_kill_ends_what_runs_and_what_is_warm() {
    let deployed = usual("lambda-kill");
    let running = {
        let function = deployed.function.clone();
        tokio::spawn(async move { function.invoke(Bytes::from(r#"{"do": "hang"}"#)).await })
    };
    while !deployed.logs.lines("create-platform").iter().any(|line| line.contains("hang")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(deployed.function.busy(), 1);
    assert_eq!(deployed.function.kill(), 1);
    let Err(InvokeError::Function(error)) = running.await.unwrap() else { panic!("the invocation ended well") };
    assert!(error.message.contains("signal: 9"), "{error}");
    assert!(deployed.ask("echo").await.is_ok());
    // A warm environment that is gone is not noticed by the caller.
    assert_eq!(deployed.function.kill(), 1);
    assert!(deployed.ask("echo").await.is_ok());
    deployed.end().await;
}

#[tokio::test]
async fn more_at_once_than_the_concurrency_is_throttled() {
    let deployed = deploy("lambda-throttle", ("A", "b"), Duration::from_secs(30), 1);
    let function = deployed.function.clone();
    let hanging = tokio::spawn(async move { function.invoke(Bytes::from(r#"{"do": "hang"}"#)).await });
    while deployed.function.busy() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(deployed.ask("echo").await, Err(InvokeError::Throttled));
    while deployed.function.kill() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(hanging.await.unwrap().is_err());
    deployed.end().await;
}

#[tokio::test]
async fn a_function_that_cannot_begin_says_why() {
    let crash = deploy("lambda-init-crash", ("INIT", "crash"), Duration::from_secs(30), 10);
    let error = crash.failure("echo").await;
    assert!(error.message.ends_with("exit status: 3"), "{error}");
    crash.end().await;
    let refusal = deploy("lambda-init-error", ("INIT", "error"), Duration::from_secs(30), 10);
    let error = refusal.failure("echo").await;
    assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Config", "no table"));
    refusal.end().await;
}

#[tokio::test]
async fn the_environment_is_the_templates_lambdas_and_two_variables_more() {
    let deployed = usual("lambda-environment");
    let seen = deployed.ask("environment").await.unwrap();
    assert_eq!(seen["GREETING"], "hello");
    assert_eq!(seen["AWS_ACCESS_KEY_ID"], "AKIALOCALCREATEPLATF");
    assert_eq!(seen["AWS_REGION"], "eu-west-1");
    assert_eq!(seen["AWS_LAMBDA_FUNCTION_NAME"], "headend-create-platform");
    assert_eq!(seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert_eq!(seen["AWS_ENDPOINT_URL"], "http://127.0.0.1:1");
    assert_eq!(seen["HEADEND_TIME_SCALE"], "20");
    let given_by_lambda = ["LANG", "PATH", "TZ"];
    // The shell of the script sets these two by itself.
    let of_the_shell = ["PWD", "_", "SHLVL", "OLDPWD"];
    for name in seen.as_object().unwrap().keys() {
        let known = RESERVED.contains(&name.as_str())
            || ADDED_BY_THE_LOCAL_CLOUD.contains(&name.as_str())
            || given_by_lambda.contains(&name.as_str())
            || of_the_shell.contains(&name.as_str())
            || name == "GREETING";
        assert!(known, "{name} comes from nowhere");
    }
    deployed.end().await;
}

#[tokio::test]
async fn a_binary_that_is_not_there_is_an_error_that_names_it() {
    let deployed = usual("lambda-missing");
    std::fs::remove_file(deployed.folder.join("create-platform")).unwrap();
    let error = deployed.failure("echo").await;
    assert!(error.message.contains("create-platform") && error.message.contains("build the functions"), "{error}");
    deployed.end().await;
}

#[test]
fn log_files_grow_by_line() {
    let folder = fake::folder("lambda-log");
    let sink = LogSink::new(Some(folder.join("logs")), false).unwrap();
    sink.line("f", "one");
    sink.line("f", "two");
    assert_eq!(sink.lines("f"), ["one", "two"]);
    let path: &Path = &folder.join("logs/f.log");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "one\ntwo\n");
    std::fs::remove_dir_all(folder).unwrap();
}
