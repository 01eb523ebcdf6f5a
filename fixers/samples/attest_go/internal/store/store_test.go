package store

import (
	"path/filepath"
	"testing"
)

func TestStatementsAreKeptInOrder(t *testing.T) {
	kept, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Add(Statement{"Ada", "knows", "Bob"}, Statement{"Bob", "knows", "Eve"}); err != nil {
		t.Fatal(err)
	}
	if all := kept.All(); len(all) != 2 || all[0].Subject != "Ada" {
		t.Errorf("kept %v", all)
	}
}

func TestWithoutADriverThereIsNoDatabase(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "data", "attest.db")); err == nil {
		t.Error("opened a database without a driver")
	}
}
