//! Folders that aren't what an experiment needs.

use super::support::{Refusal, Repository};

/// A repository with one thing wrong, the experiment asked for and the output config named.
struct Case {
    name: &'static str,
    id: &'static str,
    output: Option<&'static str>,
    prepare: fn(&Repository),
}

const CONFIG: &str = "experiments/flu/config";

fn remove(repository: &Repository, path: &str) {
    let path = repository.path().join(path);
    if path.is_dir() {
        std::fs::remove_dir_all(path).unwrap();
    } else {
        std::fs::remove_file(path).unwrap();
    }
}

fn copy(repository: &Repository, from: &str, to: &str) {
    let content = std::fs::read(repository.path().join(CONFIG).join(from)).unwrap();
    repository.write(&format!("{CONFIG}/{to}"), content);
}

fn rename(repository: &Repository, from: &str, to: &str) {
    let to = repository.path().join(to);
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::rename(repository.path().join(from), to).unwrap();
}

fn case(name: &'static str, prepare: fn(&Repository)) -> Case {
    Case {
        name,
        id: "flu",
        output: None,
        prepare,
    }
}

fn cases() -> Vec<Case> {
    vec![
        case("no repository", |repository| {
            remove(repository, "experiments");
        }),
        Case {
            id: "covid",
            ..case("an unknown experiment", |_| {})
        },
        Case {
            id: "flu2",
            ..case("a misspelt experiment", |_| {})
        },
        Case {
            id: "round1/flu",
            ..case("an experiment that lies elsewhere", |repository| {
                rename(repository, "experiments/flu", "experiments/archive/flu");
                repository.write("experiments/test/flu/config/x.yml", "model: {}\n");
            })
        },
        case("an experiment without `config`", |repository| {
            rename(
                repository,
                "experiments/flu/config/output.yaml",
                "experiments/flu/output.yaml",
            );
            remove(repository, CONFIG);
        }),
        case("an empty folder", |repository| {
            remove(repository, &format!("{CONFIG}/basemodel.yml"));
            remove(repository, &format!("{CONFIG}/output.yaml"));
            repository.write(&format!("{CONFIG}/notes.txt"), "nothing here");
            repository.write(&format!("{CONFIG}/.hidden.yml"), "model: {}\n");
        }),
        case("no output config", |repository| {
            remove(repository, &format!("{CONFIG}/output.yaml"));
        }),
        case("mistyped keys", |repository| {
            repository.write(&format!("{CONFIG}/basemodel.yml"), "modle:\n  name: flu\n");
            repository.write(
                &format!("{CONFIG}/output.yaml"),
                "outputs:\n  quantiles: {}\n",
            );
        }),
        case("two base models", |repository| {
            copy(repository, "basemodel.yml", "basemodel_old.yml");
        }),
        case("two modelsets", |repository| {
            repository.write(
                &format!("{CONFIG}/a.yml"),
                "modelset: {population_names: [US]}\n",
            );
            repository.write(&format!("{CONFIG}/b.yml"), "modelset: {sampling: {}}\n");
        }),
        case("several output configs", |repository| {
            rename(
                repository,
                "experiments/flu/config/output.yaml",
                "experiments/flu/config/o1.yaml",
            );
            copy(repository, "o1.yaml", "o2.yaml");
        }),
        case("both names of the output config", |repository| {
            copy(repository, "output.yaml", "output.yml");
        }),
        Case {
            output: Some("outputs.yaml"),
            ..case("a named output config that isn't there", |_| {})
        },
        Case {
            output: Some("basemodel.yml"),
            ..case("a named output config that is something else", |_| {})
        },
        Case {
            output: Some("broken.yaml"),
            ..case("a named output config that can't be parsed", |repository| {
                repository.write(&format!("{CONFIG}/broken.yaml"), "output: [\n");
            })
        },
        case("everything wrong at once", |repository| {
            copy(repository, "basemodel.yml", "model_b.yml");
            remove(repository, &format!("{CONFIG}/output.yaml"));
            repository.write(&format!("{CONFIG}/other.yml"), "a: 'b\n");
        }),
        case("a file of two kinds", |repository| {
            repository.write(
                &format!("{CONFIG}/basemodel.yml"),
                "model: {}\n\noutput: {}\n",
            );
        }),
        case("a file that isn't text", |repository| {
            repository.write(
                &format!("{CONFIG}/basemodel.yml"),
                b"model:\n  name: \xff\xfe\n",
            );
        }),
        case("a file in UTF-16", |repository| {
            repository.write(
                &format!("{CONFIG}/basemodel.yml"),
                b"\xff\xfem\0o\0d\0e\0l\0:\0",
            );
        }),
        case("a file that is far too large", |repository| {
            repository.write(&format!("{CONFIG}/data.yaml"), vec![b'#'; 5 << 20]);
        }),
        case("a file without a mapping", |repository| {
            repository.write(&format!("{CONFIG}/basemodel.yml"), "just text\n");
        }),
    ]
}

#[test]
fn folders() {
    let mut shown = String::new();
    for case in cases() {
        let repository = Repository::new();
        (case.prepare)(&repository);
        let Err(refusal) = repository.experiment(case.id, case.output) else {
            panic!("case `{}` is accepted", case.name);
        };
        assert!(matches!(refusal, Refusal::Discovery(_)), "{}", case.name);
        shown += &format!("## {}\n{}\n\n", case.name, repository.told(refusal));
    }
    insta::assert_snapshot!(shown);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_repository_are_refused() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.yml");
    #[expect(clippy::disallowed_methods, reason = "a file of a test")]
    std::fs::write(&secret, "model: {}\n").unwrap();

    let repository = Repository::new();
    let link = repository.path().join(CONFIG).join("linked.yml");
    std::os::unix::fs::symlink(&secret, &link).unwrap();
    let Err(refusal) = repository.experiment("flu", None) else {
        panic!("a linked file is accepted")
    };
    let told = repository.told(refusal);
    assert!(
        told.starts_with("error: `experiments/flu/config/linked.yml` leads out of"),
        "{told}"
    );

    let repository = Repository::new();
    let link = repository.path().join("experiments/linked");
    std::os::unix::fs::symlink(outside.path(), link).unwrap();
    std::fs::create_dir(outside.path().join("config")).unwrap();
    let Err(refusal) = repository.experiment("linked", None) else {
        panic!("a linked folder is accepted")
    };
    assert!(
        repository
            .told(refusal)
            .contains("leads out of the forecast repository")
    );

    // A link that stays inside is fine.
    let repository = Repository::new();
    let link = repository.path().join("experiments/alias");
    std::os::unix::fs::symlink(repository.path().join("experiments/flu"), link).unwrap();
    assert!(repository.experiment("alias", None).is_ok());
}
