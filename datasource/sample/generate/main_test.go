package main

import (
	"bytes"
	"os"
	"testing"
)

func TestSampleIsWhatTheGeneratorMakes(t *testing.T) {
	want, err := os.ReadFile("../customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Fatal("customers.csv is not what the generator makes: run `make sample`")
	}
}
