GO ?= go
LIBRARY = github.com/cohortlens/cohortlens

.PHONY: run test lint bench fuzz sample picture tidy

run: ## write the report of the sample data
	$(GO) run ./adapters/cmd/cohortlens run

test: ## test every module of the workspace
	$(GO) test work

lint: ## gofmt, go vet and golangci-lint on every module
	./tools/lint.sh

bench: ## measure against the Python peers; writes docs/benchmarks.md
	./bench/run.sh

fuzz: ## run each fuzz target for a short while
	./tools/fuzz.sh

sample: ## make the sample data again
	$(GO) generate ./datasource/sample

picture: ## make the pictures of the README again; needs Chromium
	./tools/picture.sh

# go mod tidy does not read go.work. The library is required and replaced by its
# folder for as long as tidy runs; docs/decisions.md says why it does not stay.
tidy: ## tidy every module of the workspace
	GOWORK=off $(GO) mod tidy
	for m in adapters examples; do ( cd $$m && \
		$(GO) mod edit -require $(LIBRARY)@v0.0.0 -replace $(LIBRARY)=.. && \
		GOWORK=off $(GO) mod tidy; status=$$?; \
		$(GO) mod edit -droprequire $(LIBRARY) -dropreplace $(LIBRARY); exit $$status ) || exit 1; done
