package adapters

import (
	_ "github.com/goccy/go-yaml"
	_ "github.com/joho/godotenv"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/schollz/progressbar/v3"
	_ "github.com/urfave/cli/v2"
	_ "golang.org/x/term"
	_ "github.com/cohortlens/cohortlens"
)
