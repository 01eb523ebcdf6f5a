package PACKAGE

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestSessionsOutliveTheProcess(t *testing.T) {
	disk := &sessionDisk{rows: map[string]string{}}
	db := sql.OpenDB(disk)
	defer db.Close()
	var before, after sessionTable
	if err := errors.Join(before.use(db), after.use(db)); err != nil {
		t.Fatal(err)
	}
	token := "token"
	s := FRESH
	before.Store(token, s)
	before.Store("another", s)
	if got, ok := after.Load(token); !ok || !reflect.DeepEqual(got, any(s)) {
		t.Errorf("after a restart: %v, %v", got, ok)
	}
	for hash := range disk.rows {
		if strings.Contains(hash, token) {
			t.Error("the token itself is kept")
		}
	}
	seen := 0
	after.Range(func(key, _ any) bool {
		seen++
		after.Delete(key)
		return true
	})
	if _, ok := before.Load(token); ok || seen != 2 {
		t.Errorf("%d sessions were seen, and one is left: %v", seen, ok)
	}
}

// sessionDisk is a database with the one table that sessions need.
type sessionDisk struct{ rows map[string]string }

func (d *sessionDisk) Connect(context.Context) (driver.Conn, error) { return d, nil }
func (d *sessionDisk) Driver() driver.Driver                        { return nil }
func (d *sessionDisk) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }
func (d *sessionDisk) Close() error                                 { return nil }
func (d *sessionDisk) Prepare(query string) (driver.Stmt, error)    { return sessionQuery{d, query}, nil }

type sessionQuery struct {
	disk *sessionDisk
	text string
}

func (q sessionQuery) Close() error  { return nil }
func (q sessionQuery) NumInput() int { return -1 }

func (q sessionQuery) Exec(given []driver.Value) (driver.Result, error) {
	switch strings.Fields(q.text)[0] {
	case "INSERT":
		q.disk.rows[given[0].(string)] = given[1].(string)
	case "DELETE":
		delete(q.disk.rows, given[0].(string))
	}
	return driver.RowsAffected(1), nil
}

func (q sessionQuery) Query(given []driver.Value) (driver.Rows, error) {
	found := &sessionRows{}
	for hash, value := range q.disk.rows {
		if len(given) == 0 {
			*found = append(*found, hash)
		} else if given[0] == hash {
			*found = append(*found, value)
		}
	}
	return found, nil
}

type sessionRows []string

func (r *sessionRows) Columns() []string { return []string{"column"} }
func (r *sessionRows) Close() error      { return nil }

func (r *sessionRows) Next(into []driver.Value) error {
	if len(*r) == 0 {
		return io.EOF
	}
	into[0], *r = (*r)[0], (*r)[1:]
	return nil
}
