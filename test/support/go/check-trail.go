// Checks what Chatwarden wrote by Go's sumdb/note and sumdb/tlog, the packages that the formats come from: a signed
// checkpoint, the tiles below it, and proofs. Reads a description of them as JSON, and prints how much it checked.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type Tile struct {
	Level  int
	Index  int64
	Hashes []byte
}

type Given struct {
	Key        string
	Checkpoint string
	Tiles      []Tile
	Records    []struct {
		Seq    int64
		Record string
		Proof  [][]byte
	}
	Consistencies []struct {
		Size  int64
		Root  []byte
		Proof [][]byte
	}
}

type tiles map[string][]byte

func place(level int, index int64) string { return fmt.Sprint(level, "/", index) }

func (tiles) Height() int                          { return 8 }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		hashes := t[place(tile.L, tile.N)]
		if len(hashes) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %v has %d bytes", tile, len(hashes))
		}
		read = append(read, hashes[:tile.W*tlog.HashSize])
	}
	return read, nil
}

func fail(err error) {
	if err != nil {
		panic(err)
	}
}

func require(condition bool, what string, about ...interface{}) {
	if !condition {
		panic(fmt.Sprint(append([]interface{}{what}, about...)...))
	}
}

func hashOf(given []byte) (hash tlog.Hash) {
	require(len(given) == tlog.HashSize, "a hash has ", len(given), " bytes")
	copy(hash[:], given)
	return hash
}

func hashesOf(given [][]byte) []tlog.Hash {
	hashes := []tlog.Hash{}
	for _, each := range given {
		hashes = append(hashes, hashOf(each))
	}
	return hashes
}

func same(a, b []tlog.Hash) bool {
	return fmt.Sprint(a) == fmt.Sprint(b)
}

func open(given Given) tlog.Tree {
	verifier, err := note.NewVerifier(given.Key)
	fail(err)
	opened, err := note.Open([]byte(given.Checkpoint), note.VerifierList(verifier))
	fail(err)
	require(len(opened.Sigs) == 1 && len(opened.UnverifiedSigs) == 0, "other signatures")
	lines := strings.Split(opened.Text, "\n")
	require(len(lines) == 4 && lines[0] == verifier.Name(), "other lines: ", opened.Text)
	size, err := strconv.ParseInt(lines[1], 10, 64)
	fail(err)
	root, err := tlog.ParseHash(lines[2])
	fail(err)
	// What was signed can't be changed.
	_, err = note.Open(bytes.Replace([]byte(given.Checkpoint), []byte(lines[1]), []byte("1"), 1), note.VerifierList(verifier))
	require(err != nil, "a changed checkpoint was opened")
	return tlog.Tree{N: size, Hash: root}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	fail(err)
	var given Given
	fail(json.Unmarshal(text, &given))

	tree := open(given)
	stored := tiles{}
	for _, tile := range given.Tiles {
		stored[place(tile.Level, tile.Index)] = tile.Hashes
	}
	// Checks each tile that it reads against the root.
	reader := tlog.TileHashReader(tree, stored)
	root, err := tlog.TreeHash(tree.N, reader)
	fail(err)
	require(root == tree.Hash, "the tiles have another root")

	for _, each := range given.Records {
		leaf := tlog.RecordHash([]byte(each.Record))
		kept, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, each.Seq)})
		fail(err)
		require(kept[0] == leaf, "another leaf hash of entry ", each.Seq)
		proof := hashesOf(each.Proof)
		fail(tlog.CheckRecord(proof, tree.N, tree.Hash, each.Seq, leaf))
		own, err := tlog.ProveRecord(tree.N, each.Seq, reader)
		fail(err)
		require(same(proof, own), "another proof of entry ", each.Seq)
		proof[0][0] ^= 1
		require(tlog.CheckRecord(proof, tree.N, tree.Hash, each.Seq, leaf) != nil, "a changed proof was taken")
	}
	for _, each := range given.Consistencies {
		earlier, err := tlog.TreeHash(each.Size, reader)
		fail(err)
		require(earlier == hashOf(each.Root), "another root of ", each.Size)
		proof := hashesOf(each.Proof)
		fail(tlog.CheckTree(proof, tree.N, tree.Hash, each.Size, earlier))
		own, err := tlog.ProveTree(tree.N, each.Size, reader)
		fail(err)
		require(same(proof, own), "another proof from ", each.Size)
		if len(proof) > 0 {
			proof[0][0] ^= 1
			require(tlog.CheckTree(proof, tree.N, tree.Hash, each.Size, earlier) != nil, "a changed proof was taken")
		}
	}
	fmt.Printf("%d entries, %d tiles, %d records, %d consistencies\n", tree.N, len(stored), len(given.Records), len(given.Consistencies))
}
