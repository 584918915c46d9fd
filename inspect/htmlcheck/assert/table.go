package assert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const (
	tableSection = "4.9.12"
	maxColspan   = 1000  // 4.9.11
	maxRowspan   = 65534 // 4.9.11
	// maxColumns is where a table is given up: no page is that wide, and each table
	// keeps a bit for each of its columns.
	maxColumns = 1 << 14
	// maxCarried is how many cells may reach into the next row before the table is given
	// up: each row looks at all of them.
	maxCarried = 256
)

// grid is an open table with what is known of its columns and rows (4.9.12).
type grid struct {
	node    *parse.Node
	givenUp bool

	columns []column // in order, each begins where the one before ends
	width   int      // of all columns so far
	begins  []uint64 // bits of the columns in which a cell begins

	marked bool // col or colgroup elements say how wide the rows are
	want   int  // how wide they are: by that, or by the first row
	rows   int  // so far

	row     int       // in the row group, from 1
	next    int       // the first column of the row in which a cell may begin
	cells   int       // that begin in the row
	carried []carried // from rows above, by their column
	added   []carried // of this row

	headers   map[string]bool // ids of th elements
	headerFor []reference     // headers attributes
}

// column is a range of columns that an element was the first to reach.
type column struct {
	node     *parse.Node
	from, to int // to is excluded
}

// carried is a cell that reaches into the next rows of its row group.
type carried struct {
	node     *parse.Node
	from, to int
	rows     int // how many more, -1 for all of the group
}

func openTable(c *checker, n *parse.Node) { c.grids = append(c.grids, grid{node: n}) }

// tableOf returns the innermost open table, nil without one or when it was given up.
func (c *checker) tableOf() *grid {
	if last := len(c.grids) - 1; last >= 0 && !c.grids[last].givenUp {
		return &c.grids[last]
	}
	return nil
}

// tooLarge are the rules of numbers that no table may have.
var tooLarge = map[string]finding.Rule{
	"span": "co-constraint/span-too-large", "colspan": "co-constraint/colspan-too-large", "rowspan": "co-constraint/rowspan-too-large",
}

// count returns a number of columns or rows by the rules of section 4.9.11: 1 when there
// is none, or it makes no sense.
func (c *checker) count(n *parse.Node, name string, most int) int {
	a := n.Attr(name)
	if a == nil {
		return 1
	}
	v, err := strconv.ParseInt(strings.Trim(a.Value, spaces), 10, 32)
	switch {
	case err != nil || v < 0 || v == 0 && name != "rowspan":
		return 1
	case int(v) > most:
		c.error(n, attrSpan(a), tooLarge[name], "4.9.11", fmt.Sprintf("`%s` must be at most %d", name, most))
		if name == "rowspan" {
			return 0 // all rows that are left
		}
		return most
	}
	return int(v)
}

// columns adds the columns of a col or colgroup element (4.9.3, 4.9.4).
func columns(c *checker, n *parse.Node) {
	t := c.tableOf()
	if t == nil {
		return
	}
	if n.Name == "colgroup" {
		for child := n.FirstChild; child != nil; child = child.Next {
			if isHTML(child, "col") {
				return // they say it
			}
		}
	}
	t.marked = true
	t.widen(n, t.width+c.count(n, "span", maxColspan))
	t.want = t.width
}

// widen makes n the element that established the columns up to to.
func (t *grid) widen(n *parse.Node, to int) {
	if to > maxColumns {
		t.givenUp = true
		return
	}
	if to > t.width {
		t.columns = append(t.columns, column{n, t.width, to})
		t.width = to
	}
}

// row begins a row.
func row(c *checker, n *parse.Node) {
	t := c.tableOf()
	if t == nil {
		return
	}
	t.rows++
	t.row++
	t.next, t.cells = 0, 0
}

// cell puts a cell at the first free place of the row.
func cell(c *checker, n *parse.Node) {
	c.headerCells(n)
	colspan := c.count(n, "colspan", maxColspan)
	rowspan := c.count(n, "rowspan", maxRowspan)
	t := c.tableOf()
	if t == nil || t.row == 0 {
		return
	}
	from := t.free()
	to := from + colspan
	if t.overlapped(c, from, to) {
		c.error(n, n.Span, "table/cell-overlaps", tableSection,
			"this cell is put over one that reaches down from a row above: make its `colspan` smaller")
	}
	t.cells++
	t.next = to
	t.widen(n, to)
	if t.givenUp {
		return
	}
	t.begin(from)
	switch {
	case rowspan == 0:
		t.added = append(t.added, carried{n, from, to, -1})
	case rowspan > 1:
		t.added = append(t.added, carried{n, from, to, rowspan - 1})
	}
	if len(t.carried)+len(t.added) > maxCarried {
		t.givenUp = true
	}
}

// free returns the first column in which the next cell of the row may begin.
func (t *grid) free() int {
	from := t.next
	for i := range t.carried {
		if k := &t.carried[i]; k.from <= from && from < k.to {
			from = k.to
		}
	}
	return from
}

// overlapped reports the cells from above that are in the way of a cell.
func (t *grid) overlapped(c *checker, from, to int) bool {
	found := false
	for i := range t.carried {
		if k := &t.carried[i]; from < k.to && k.from < to {
			found = true
			c.error(k.node, k.node.Span, "table/cell-overlapped", tableSection,
				"a cell of a later row is put over this one: make its `rowspan` smaller")
		}
	}
	return found
}

// begin notes that a cell begins in a column.
func (t *grid) begin(column int) {
	for column/64 >= len(t.begins) {
		t.begins = append(t.begins, 0)
	}
	t.begins[column/64] |= 1 << (column % 64)
}

func (t *grid) begun(column int) bool {
	return column/64 < len(t.begins) && t.begins[column/64]&(1<<(column%64)) != 0
}

// closeRow compares the width of a row with that of the others.
func closeRow(c *checker, f *frame) {
	t := c.tableOf()
	if t == nil || t.row == 0 {
		return
	}
	n, span := f.node, rowEnd(f.node)
	width := t.free() // past the cells from above that follow the last one
	if t.cells == 0 {
		c.error(n, span, "table/row-without-cells", tableSection,
			fmt.Sprintf("no cell begins in row %d of its `%s`: leave the row out, or make a `rowspan` above smaller", t.row, n.Parent.Name))
	}
	message := fmt.Sprintf("the row is %s wide, but ", plural(width, "column"))
	switch {
	case t.marked && width != t.want:
		c.error(n, span, "table/row-width-marked", tableSection,
			message+fmt.Sprintf("`col` and `colgroup` say %d: add or leave out cells", t.want))
	case !t.marked && t.rows == 1:
		t.want = width
	case !t.marked && width != t.want:
		c.warn(n, span, "table/row-width", tableSection,
			message+fmt.Sprintf("the first row is %d wide: add or leave out cells, or use `colspan`", t.want))
	}
	t.carry()
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// rowEnd is what to mark for a row that is wrong: its end tag, or its start tag without one.
func rowEnd(n *parse.Node) parse.Span {
	if n.EndTag.Len() > 0 {
		return n.EndTag
	}
	return n.Span
}

// carry makes the cells that reach down those of the rows above.
func (t *grid) carry() {
	kept := t.carried[:0]
	for _, k := range t.carried {
		if k.rows--; k.rows != 0 {
			kept = append(kept, k)
		}
	}
	t.carried = append(kept, t.added...)
	t.added = t.added[:0]
	slices.SortFunc(t.carried, func(a, b carried) int { return a.from - b.from })
}

// closeGroup reports the cells that reach below the last row of their row group.
func closeGroup(c *checker, f *frame) {
	t := c.tableOf()
	if t == nil {
		return
	}
	for i := range t.carried {
		if k := &t.carried[i]; k.rows > 0 {
			c.error(k.node, k.node.Span, "table/rowspan-past-group", tableSection,
				fmt.Sprintf("the cell reaches %s below the end of its `%s`: make `rowspan` smaller", plural(k.rows, "row"), f.node.Name))
		}
	}
	t.carried, t.row = t.carried[:0], 0
}

// closeTable reports columns in which no cell begins, and headers that are none.
func closeTable(c *checker, f *frame) {
	last := len(c.grids) - 1
	t := &c.grids[last]
	if len(t.carried) > 0 && !t.givenUp {
		closeGroup(c, f) // rows without a row group, in XHTML
	}
	for _, col := range t.columns {
		if !t.givenUp {
			c.emptyColumns(t, col)
		}
	}
	for _, r := range t.headerFor {
		for id := range strings.FieldsFuncSeq(r.attr.Value, isSpace) {
			if !t.headers[id] {
				c.dangling(r, "id-ref/headers", "4.9.11", "`headers` must be ids of `th` elements of the same table; `"+shorten(id)+"` is none")
			}
		}
	}
	c.grids[last] = grid{}
	c.grids = c.grids[:last]
}

// emptyColumns reports the columns of a range in which no cell begins.
func (c *checker) emptyColumns(t *grid, col column) {
	for from := col.from; from < col.to; from++ {
		if t.begun(from) {
			continue
		}
		to := from + 1
		for to < col.to && !t.begun(to) {
			to++
		}
		which := fmt.Sprintf("column %d", from+1)
		if to > from+1 {
			which = fmt.Sprintf("columns %d to %d", from+1, to)
		}
		c.error(col.node, col.node.Span, "table/column-without-cells", tableSection,
			fmt.Sprintf("no cell begins in %s, which this `%s` makes: use a smaller span, or add cells", which, col.node.Name))
		from = to
	}
}

// headerCells notes the ids of header cells, and who refers to them (4.9.11).
func (c *checker) headerCells(n *parse.Node) {
	if len(c.grids) == 0 {
		return
	}
	t := &c.grids[len(c.grids)-1]
	if id := n.Attr("id"); id != nil && n.Name == "th" {
		if t.headers == nil {
			t.headers = make(map[string]bool)
		}
		t.headers[id.Value] = true
	}
	if a := n.Attr("headers"); a != nil {
		t.headerFor = append(t.headerFor, reference{n, a})
	}
}
