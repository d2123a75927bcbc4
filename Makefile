# Each command is enough on a machine that has only make and Python 3.11, 3.12 or 3.13.
# PYTHON=/path/to/python chooses another Python; ARGS='-m "not slow"' is passed on to the last command.

BIN = .venv/bin

quickstart: .venv/installed  ## run the demonstration sweep on real data, end with a figure
	$(BIN)/gst sweep sweeps/quickstart.yaml $(ARGS)

# In three processes, of which one mostly waits for Ray (ARGS='-n 8' has more, ARGS='-n 0' none);
# tests/support/together.py says which tests share one.
test: .venv/installed  ## run all tests
	$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

fast: .venv/installed  ## run the tests that take no more than a moment each: for working
	$(BIN)/python -m pytest -n 2 -m "not slow" $(ARGS)

cluster: .venv/installed  ## run the tests that take minutes each: several nodes, some of which die
	$(BIN)/python -m pytest -m cluster $(ARGS)

# What is left out of the count stands in pyproject.toml, with what must be reached.
coverage: .venv/installed  ## run all tests, and say which lines of gst/ none of them reaches
	rm -rf .coverage
	$(BIN)/python -m coverage run -m pytest -n 3 --dist loadgroup $(ARGS)
	$(BIN)/python -m coverage combine -q && $(BIN)/python -m coverage report

lint: .venv/installed  ## check format, style and types
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

check: lint test  ## check everything that continuous integration checks

diagram: .venv/installed  ## draw the tables of the database again, in db/README.md
	$(BIN)/python tests/support/diagram.py

schema: .venv/installed  ## write sweeps/keys.md and sweeps/gst.schema.json again, after a change of the configuration
	$(BIN)/python -m gst.config.page

# It may be stopped at any time, and goes on. ARGS='--max-concurrent 2 --every 300' is for gst sweep, and how often to ship.
campaign: .venv/installed  ## train what is missing of the archives in sweeps/results, in order of value; days
	$(BIN)/python -m gst.launch.campaign $(ARGS)

results: .venv/installed  ## write what sweeps/README.md says of the archives in sweeps/results again, and its pictures
	$(BIN)/python -m gst.figures.shipped_page

# ARGS='writers levels' runs these alone, and leaves the table as it is.
bench: .venv/installed  ## run the benchmarks; their table goes into tests/benchmarks/README.md
	$(BIN)/python tests/benchmarks/table.py $(ARGS)

.venv/installed: pyproject.toml docker/constraints.txt docker/venv.sh
	PYTHON='$(PYTHON)' sh docker/venv.sh && touch $@

.PHONY: quickstart test fast cluster coverage lint check diagram schema campaign results bench
