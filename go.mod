module github.com/cohortlens/cohortlens

go 1.25.0

require (
	github.com/go-gota/gota v0.12.0
	github.com/sajari/regression v1.0.1
	github.com/wcharczuk/go-chart/v2 v2.1.2
	golang.org/x/net v0.35.0
	golang.org/x/sys v0.46.0
	gonum.org/v1/gonum v0.17.0
)

require (
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	golang.org/x/image v0.25.0 // indirect
)
