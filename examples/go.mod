module github.com/cohortlens/cohortlens/examples

go 1.25.0

require (
	github.com/go-gota/gota v0.12.0 // indirect
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	github.com/sajari/regression v1.0.1 // indirect
	github.com/wcharczuk/go-chart/v2 v2.1.2 // indirect
	golang.org/x/image v0.25.0 // indirect
	golang.org/x/net v0.35.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
)
