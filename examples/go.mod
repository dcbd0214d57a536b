module github.com/cohortlens/cohortlens/examples

go 1.25.0
