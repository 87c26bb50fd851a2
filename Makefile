# Every target with a "##" text is shown by `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# What is given on the command line is data, not make's language: no `$(…)` in it is run, and `$5` and
# `$$` stay. Recipes take it from their environment ("$$URL"), so the shell does not read it either.
given = $(filter override,$(origin $(1)))
$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(eval override export $(name) := $$(value $(name)))))

PYTHON ?= python3
# small: Whisper and CAM++; standard: pyannote.audio besides.
ENGINES ?= standard
$(if $(filter standard small,$(ENGINES)),,$(error ENGINES is standard or small, which is what embedded has become))

SERVICES := downloader transcriber stats webapp
PACKAGES := contracts $(addprefix services/,$(SERVICES)) pipeline infra tests
UV := .tools/bin/uv

# uv ignores pip's variables: pass on a local folder of wheels where pip has one.
ifneq ($(PIP_FIND_LINKS),)
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS ?= true

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z][a-z -]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 24

# --- set-up: one virtual environment per package, made on first use --------------------------

$(UV): scripts/bootstrap.sh
	@scripts/bootstrap.sh $(PYTHON)

EXTRAS_services/transcriber_small := small
EXTRAS_services/transcriber_standard := standard
EXTRAS_services/stats_small := query
EXTRAS_services/stats_standard := query
# Extras of the package in $* for a run ($(run_extras)) and for its suite.
run_extras = $(EXTRAS_$*_$(ENGINES))
comma := ,
# A package may leave out a dependency of a dependency.
overrides = $(addprefix --overrides ,$(wildcard $*/overrides.txt))
install = $(UV) venv --quiet --allow-existing --python $(PYTHON) $*/.venv \
	&& $(UV) pip install --quiet --python $*/.venv -c $*/constraints.txt $(overrides) -e '$*$(if $(1),[$(1)])'

%/.venv/installed-$(ENGINES): %/pyproject.toml %/constraints.txt | $(UV)
	@echo "setting up $* ($(if $(filter %/transcriber,$*),$(ENGINES) engines$(comma) )once)"
	@$(call install,$(run_extras))
	@touch $@

%/.venv/installed-test: %/pyproject.toml %/constraints.txt | $(UV)
	@echo "setting up $* and its tests (once)"
	@$(call install,$(if $(EXTRAS_$*_standard),$(EXTRAS_$*_standard)$(comma))test)
	@touch $@ $*/.venv/installed-standard

# What each has of the tree, by its pyproject.toml: everybody the contract's library, the web
# application the statistics' besides, with which it computes its figures.
venvs_of = $(foreach package,$(1),$(package)/.venv/installed-$(ENGINES) $(package)/.venv/installed-test)
$(call venvs_of,$(addprefix services/,$(SERVICES)) pipeline): contracts/pyproject.toml
$(call venvs_of,services/webapp): services/stats/pyproject.toml

RUN_VENVS := $(foreach p,$(addprefix services/,$(SERVICES)) pipeline,$(p)/.venv/installed-$(ENGINES))
TEST_VENVS := $(addsuffix /.venv/installed-test,$(PACKAGES))

.PHONY: setup
setup: $(RUN_VENVS) ## install all that `submit` and `web` need (ENGINES=standard|small)

# --- the main job ----------------------------------------------------------------------------

DEBATE := pipeline/.venv/bin/debate
# LANGUAGE in the environment is gettext's and MODE anybody's, so only those given to make count.
# BACKEND, FORCE, VOCABULARY, CHANNELS, AUDIO_TRACK and PORT are the programs' own names, which they find by themselves.
mode_option = $(if $(call given,MODE),--mode="$$MODE")
# What is given as empty takes back what a job had.
named = $(value $(1))$(call given,$(1))
submit_options = $(if $(call given,LANGUAGE),--language="$$LANGUAGE") \
	$(if $(call named,SPEAKERS),--speakers="$$SPEAKERS") $(if $(call named,MODEL),--model="$$MODEL")
need = $(if $(value $(1)),,$(error $(2)))

.PHONY: submit submit-download submit-transcribe submit-stats submit-many status logs doctor demo web
submit: $(RUN_VENVS) ## turn a recording into a registered debate: URL=<address or file> [SPEAKERS= LANGUAGE= MODEL= VOCABULARY=<file of names> CHANNELS=speakers AUDIO_TRACK=<number> FORCE=1 BACKEND=auto|local|aws MODE=chain|single|urgent]
	$(call need,URL,say which recording: make submit URL=https://... or URL=path/to/file.mp4)
	@$(DEBATE) submit $(submit_options) $(mode_option) -- "$$URL"

submit-download: $(RUN_VENVS) ## only download: URL=
	$(call need,URL,say which recording: make submit-download URL=...)
	@$(DEBATE) download -- "$$URL"

submit-transcribe: $(RUN_VENVS) ## only transcribe: VIDEOS=<the videos/ folder of a job> [OUTPUT=<another job's folder>]
	$(call need,VIDEOS,say which folder: make submit-transcribe VIDEOS=data/jobs/<job>/videos)
	@$(DEBATE) transcribe $(submit_options) $(if $(value OUTPUT),--output="$$OUTPUT") -- "$$VIDEOS"

submit-stats: $(RUN_VENVS) ## only statistics: TRANSCRIPTS=<the transcripts/ folder of a job>
	$(call need,TRANSCRIPTS,say which folder: make submit-stats TRANSCRIPTS=data/jobs/<job>/transcripts)
	@$(DEBATE) stats -- "$$TRANSCRIPTS"

submit-many: $(RUN_VENVS) ## one debate per line of a file: FILE=
	$(call need,FILE,say which list: make submit-many FILE=urls.txt)
	@$(DEBATE) submit-many $(submit_options) $(mode_option) -- "$$FILE"

status: $(RUN_VENVS) ## the jobs and how far they are [JOB=]
	@$(DEBATE) status -- $(if $(value JOB),"$$JOB")

logs: $(RUN_VENVS) ## what a job said and says, until it is at rest: JOB=
	$(call need,JOB,say which job: make logs JOB=<id>; make status lists them)
	@$(DEBATE) logs --follow -- "$$JOB"

doctor: $(RUN_VENVS) ## what keeps jobs from running, here or on AWS, and what to do about it [BACKEND=auto|local|aws]
	@$(DEBATE) doctor

# The smallest weights that need no token, the same everywhere; they are fetched once.
demo: $(RUN_VENVS) ## try it: the sample debate in samples/ [MODEL=base]
	@$(DEBATE) submit --backend local --model="$${MODEL:-base}" --speakers 2 samples/free-buses.mp4

# With all that jobs need: recordings are submitted in the browser, too.
web: $(RUN_VENVS) ## open the debates in a browser on PORT (8000), and submit recordings there
	@services/webapp/.venv/bin/debate-webapp serve

root = "$${ROOT:-data}"
tables = "$${DATASET:-$${ROOT:-data}/dataset}"
STATS := services/stats/.venv/bin/debate-stats
.PHONY: dataset query
# Where the site has a database, its corrections and names go in as well.
site = [ -n "$$DATABASE_URL" ] || [ -e $(root)/webapp.sqlite3 ]
dataset: $(addsuffix /.venv/installed-$(ENGINES),services/stats services/webapp) ## all debates, as corrected on the site, as tables for DuckDB, pandas, Spark [ROOT=data DATASET=data/dataset]
	@if $(site); then services/webapp/.venv/bin/debate-webapp --storage-root=$(root) corrections; fi
	@$(STATS) corpus --root=$(root) --out=$(tables)

query: services/stats/.venv/installed-$(ENGINES) ## SQL on these tables, docs/dataset.md has examples: SQL="SELECT …"
	$(call need,SQL,say what to ask: make query SQL="SELECT count(*) FROM debates")
	@$(STATS) query --dataset=$(tables) -- "$$SQL"

.PHONY: cookies
cookies: services/downloader/.venv/installed-$(ENGINES) ## browser cookies for the downloader: IN=<export> OUT=cookies.txt
	$(call need,IN,say which export: make cookies IN=export.json OUT=cookies.txt)
	$(call need,OUT,say where to write: make cookies IN=export.json OUT=cookies.txt)
	@services/downloader/.venv/bin/debate-cookies -- "$$IN" "$$OUT"

# --- AWS -------------------------------------------------------------------------------------

.PHONY: models
models: services/transcriber/.venv/installed-$(ENGINES) ## fetch the weights once, into this user's cache or OUT=<folder or s3://…> [MODEL=turbo] (with HF_TOKEN in the environment pyannote's too)
	@services/transcriber/.venv/bin/debate-models $(if $(value OUT),--models-prefix="$$OUT") $(if $(value MODEL),--whisper-model="$$MODEL")

.PHONY: images push preview up
images: $(addprefix image-,$(SERVICES)) ## build the four images (needs Docker); image-<service> builds one [BUILD_OPTIONS="--build-arg TORCH=cpu"]
image-%:
	@scripts/image.sh $* debate-$*:$$(scripts/version.sh services/$*) $$BUILD_OPTIONS

push: ## push them to the stack's repositories (needs Docker, the Pulumi and AWS command lines)
	@scripts/push_images.sh

preview up: infra/.venv/installed-$(ENGINES) ## show / make the AWS resources (needs the Pulumi CLI): make preview, make up
	@scripts/need.sh pulumi && pulumi $@

# --- quality ---------------------------------------------------------------------------------

.PHONY: test test-weights lint lint-tree system-packages constraints
# The longest first, so that none is left alone at the end.
SUITES := webapp-first webapp-second transcriber pipeline tree downloader stats contracts infra
system-packages:
	@scripts/system_packages.sh chromium postgresql espeak-ng

# Real weights of 110 MB, fetched into this user's cache once: tests of the whole use them.
test-weights: services/transcriber/.venv/installed-test
	@env -u MODELS_PREFIX -u HF_TOKEN services/transcriber/.venv/bin/debate-models --whisper-model=tiny.en

# Four suites at a time on two cores, for they wait for browsers, servers and disks as long as they
# compute; each one's output in one piece where make can (4.0 and newer).
TEST_JOBS ?= 4
side_by_side = --jobs $(TEST_JOBS) --keep-going --no-print-directory \
	$(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
test: system-packages test-weights $(TEST_VENVS) ## every suite: units, contracts, migrations, end to end [TEST_JOBS=4]
	@$(MAKE) $(side_by_side) weights=there $(addprefix test-,$(SUITES))

$(addprefix test-,$(SERVICES)): test-%: system-packages services/%/.venv/installed-test
	@cd services/$* && .venv/bin/pytest
# The longest suite in two halves: these rooms of its tests, and all others.
webapp_rooms := accounts database editor
test-webapp-first: pytest = pytest $(addprefix tests/,$(webapp_rooms))
test-webapp-second: pytest = pytest $(addprefix --ignore=tests/,$(webapp_rooms))
test-webapp-first test-webapp-second: system-packages services/webapp/.venv/installed-test
	@cd services/webapp && .venv/bin/$(pytest)
# A suite that waited for them here would lose its place to the next one.
test-transcriber test-tree test-artefacts test-end-to-end: $(if $(filter there,$(weights)),,test-weights)
# These need none of the system's packages, but wait for them like the others: suites start in order.
$(addprefix test-,contracts pipeline infra): test-%: | system-packages
$(addprefix test-,contracts pipeline infra): test-%: %/.venv/installed-test
	@cd $* && .venv/bin/pytest

.PHONY: fuzz-editor
# SECONDS in a shell is the shell's own.
fuzz-editor: export FUZZ_SECONDS = $(or $(value SECONDS),600)
fuzz-editor: system-packages services/webapp/.venv/installed-test ## two editors at random keys on the pages of a debate, which must show what the API says [SECONDS=600 SEED=<to play a game again>]
	@cd services/webapp && PYTHONPATH=tests/support .venv/bin/python tests/support/browser/fuzzing.py --seconds="$$FUZZ_SECONDS" $(if $(value SEED),--seed="$$SEED")

.PHONY: screenshots
screenshots: system-packages services/webapp/.venv/installed-test ## pictures of every page of the site, wide and narrow, light and dark [OUT=screenshots ONLY=figures]
	@cd services/webapp && PYTHONPATH=tests/support .venv/bin/python tests/support/browser/screenshots.py --out="$(abspath $(or $(value OUT),screenshots))" $(if $(value ONLY),--only="$$ONLY")

.PHONY: film
film: system-packages test-weights $(TEST_VENVS) ## the README's film of the site in use, played anew by the real thing [OUT=docs/film.gif]
	@cd tests && PYTHONPATH=support .venv/bin/python -m serving.film "$(abspath $(or $(value OUT),docs/film.gif))"

.PHONY: test-tree test-artefacts test-end-to-end bench bench-transcriber bench-stats bench-web
test-tree: system-packages $(TEST_VENVS)
	@cd tests && .venv/bin/pytest
test-artefacts test-end-to-end: system-packages $(TEST_VENVS)
	@cd tests && .venv/bin/pytest $(if $(filter test-artefacts,$@),contracts,end_to_end)

bench: bench-transcriber bench-stats bench-web ## every benchmark, with its ratios

# faster-whisper is no dependency of anything: it is measured from an environment of its own.
bench/recognition/.venv/installed: bench/recognition/faster-whisper.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) bench/recognition/.venv
	@$(UV) pip install --quiet --python bench/recognition/.venv -r $<
	@touch $@

bench-transcriber: services/transcriber/.venv/installed-test bench/recognition/.venv/installed ## Whisper, faster-whisper and pyannote as they come against ours, on this machine
	@services/transcriber/.venv/bin/python bench/recognition/transcriber.py $$BENCH

# lhotse reads public sets; nothing else needs it.
services/transcriber/.venv/installed-sets: services/transcriber/.venv/installed-test
	@$(UV) pip install --quiet --python services/transcriber/.venv -c services/transcriber/constraints.txt lhotse==1.33.0
	@touch $@

.PHONY: truth truth-set
truth: services/transcriber/.venv/installed-test ## how right transcripts are: DATA=<folder of recordings with references> [BENCH="--model base tiny.en --table bench/truth-tables.md"]
	$(call need,DATA,say which recordings: make truth DATA=folder; make truth-set fetches public ones)
	@services/transcriber/.venv/bin/python bench/accuracy/truth.py "$$DATA" $$BENCH

truth-set: services/transcriber/.venv/installed-sets ## fetch public recordings for `make truth`: SET=voxconverse|ami|earnings21|fleurs DATA=<folder>
	$(call need,SET,say which: make truth-set SET=voxconverse DATA=folder; 2 to 10 GB each)
	$(call need,DATA,say where to: make truth-set SET=... DATA=folder)
	@services/transcriber/.venv/bin/python bench/accuracy/public_sets.py "$$SET" "$$DATA"

bench-stats: services/stats/.venv/installed-test ## statistics of generated debates: speed, memory, queries
	@services/stats/.venv/bin/python bench/archives/stats.py $$BENCH

bench-web: services/webapp/.venv/installed-test ## the site with 340 debates: what each page costs [BENCH="--database sqlite --debates 34"]
	@services/webapp/.venv/bin/python bench/archives/web.py $$BENCH

TYPED := $(addprefix mypy-,$(filter-out tests,$(PACKAGES)))
lint: lint-tree $(TEST_VENVS) ## ruff, mypy (strict), shellcheck, hadolint, workflow checks
	@$(MAKE) --jobs 2 --no-print-directory $(TYPED)
$(TYPED): mypy-%: %/.venv/installed-test
	@cd $* && echo "mypy $*" && .venv/bin/mypy

lint-tree: | $(UV)
	@.tools/bin/ruff check --quiet .
	@.tools/bin/ruff format --quiet --check .
	@.tools/bin/shellcheck scripts/*.sh .ci/run
	@.tools/bin/hadolint services/*/Dockerfile
	@.tools/bin/zizmor --quiet --offline .github/workflows
	@.tools/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

constraints: | $(UV) ## resolve every package's dependencies anew
	@set -e; for package in $(PACKAGES); do scripts/constraints.sh $$package; done
