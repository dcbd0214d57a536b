package main

import (
	_ "github.com/cohortlens/cohortlens/segment"
)

func main() {}
