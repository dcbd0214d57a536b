module github.com/cohortlens/cohortlens/bench

go 1.25.0
