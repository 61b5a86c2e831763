// Checks a log with the programs of Go's own checksum database: golang.org/x/mod/sumdb note and tlog.
//
//	check VKEY DIRECTORY OLD-CHECKPOINT INDEX ENTRY-FILE
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type files struct{ directory string }

func (f files) Height() int                       { return 8 }
func (f files) SaveTiles([]tlog.Tile, [][]byte)    {}
func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var contents [][]byte
	for _, tile := range tiles {
		// C2SP leaves the height out.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		content, err := os.ReadFile(filepath.Join(f.directory, path))
		if err != nil {
			return nil, err
		}
		contents = append(contents, content)
	}
	return contents, nil
}

func open(path string, verifier note.Verifier) tlog.Tree {
	text, err := os.ReadFile(path)
	check(err)
	signed, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(signed.Text, "\n")
	if lines[0] != verifier.Name() {
		check(fmt.Errorf("the checkpoint is of %q", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	var tree tlog.Tree
	tree.N = size
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	copy(tree.Hash[:], hash)
	return tree
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	check(err)
	tree := open(filepath.Join(os.Args[2], "checkpoint"), verifier)
	old := open(os.Args[3], verifier)
	index, err := strconv.ParseInt(os.Args[4], 10, 64)
	check(err)
	entry, err := os.ReadFile(os.Args[5])
	check(err)
	reader := tlog.TileHashReader(tree, files{os.Args[2]})
	record, err := tlog.ProveRecord(tree.N, index, reader)
	check(err)
	check(tlog.CheckRecord(record, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
	growth, err := tlog.ProveTree(tree.N, old.N, reader)
	check(err)
	check(tlog.CheckTree(growth, tree.N, tree.Hash, old.N, old.Hash))
	fmt.Printf("entry %d is in the log of %d, which continues the one of %d\n", index, tree.N, old.N)
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
