package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
)

// JSONLines is a source of customers from a file with one JSON object per line.
// Keys that are not among Columns are left aside; a null, or a key that is not
// there, is a missing value.
type JSONLines struct {
	Data    []byte
	Columns []datasource.Field
}

// batchRows bounds the memory that a batch takes.
const batchRows = 1000

// Batches implements [datasource.Source].
func (s JSONLines) Batches(ctx context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) {
		in := json.NewDecoder(bytes.NewReader(s.Data))
		for first := true; ; first = false {
			batch, err := s.batch(ctx, in)
			if err != nil {
				yield(nil, err)
				return
			}
			// A source without rows yields one empty batch, for its columns.
			if batch.Rows() == 0 && !first || !yield(batch, nil) || batch.Rows() < batchRows {
				return
			}
		}
	}
}

// batch reads up to batchRows objects.
func (s JSONLines) batch(ctx context.Context, in *json.Decoder) (*datasource.Table, error) {
	var rows []map[string]any
	for len(rows) < batchRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var row map[string]any
		err := in.Decode(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("customer after byte %d: %w", in.InputOffset(), err)
		}
		rows = append(rows, row)
	}
	columns := make([]datasource.Column, len(s.Columns))
	for i, field := range s.Columns {
		var err error
		if columns[i], err = column(field, rows); err != nil {
			return nil, err
		}
	}
	return datasource.NewTable(columns...)
}

// column gathers one field of all rows, in its kind.
func column(field datasource.Field, rows []map[string]any) (datasource.Column, error) {
	numbers, texts := make([]float64, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		switch v := row[field.Name].(type) {
		case nil:
			numbers[i] = math.NaN()
		case float64:
			if field.Kind != datasource.Numeric {
				return datasource.Column{}, fmt.Errorf("%s: %v is a number, a text is needed", field.Name, v)
			}
			numbers[i] = v
		case string:
			if field.Kind == datasource.Numeric {
				return datasource.Column{}, fmt.Errorf("%s: %q is a text, a number is needed", field.Name, v)
			}
			texts[i] = v
		default:
			return datasource.Column{}, fmt.Errorf("%s: %v is neither a number nor a text", field.Name, v)
		}
	}
	switch field.Kind {
	case datasource.Numeric:
		return datasource.Numbers(field.Name, numbers), nil
	case datasource.Categorical:
		return datasource.Categories(field.Name, texts), nil
	}
	return datasource.Texts(field.Name, texts), nil
}
