namespace SoftSwitch.Cli.Tables;

/// <summary>The columns of a <see cref="TextTable"/>: how they are aligned, how wide they are, which are left out.</summary>
internal sealed class TableColumns
{
    /// <summary>Blanks between two columns.</summary>
    public const int Gap = 2;

    /// <summary>A column of text is never cut to less.</summary>
    private const int Narrowest = 8;

    /// <summary>The least room for a last column of sentences; where less is left, a sentence gets lines of its own below the
    /// row.</summary>
    private const int NarrowestText = 24;

    private readonly bool[] _right;
    private readonly bool[] _shown;
    private int[] _widths = [];

    public TableColumns(ReadOnlySpan<string> columns)
    {
        (Headers, _right, _shown) = (new Cell[columns.Length], new bool[columns.Length], new bool[columns.Length]);
        for (var i = 0; i < columns.Length; i++)
        {
            _right[i] = columns[i].StartsWith('>');
            HasSentences = columns[i].StartsWith('~');
            Headers[i] = _right[i] || HasSentences ? columns[i][1..] : columns[i];
        }
        Array.Fill(_shown, true);
    }

    public Cell[] Headers { get; }

    /// <summary>The last is one of sentences.</summary>
    public bool HasSentences { get; }

    /// <summary>The headers of the columns that are left out where there is no room, the first one first.</summary>
    public IReadOnlyList<string> Dispensable { get; set; } = [];

    public IReadOnlyList<string> LeftOut => [.. Headers.Where((_, i) => !_shown[i]).Select(header => header.Text)];

    public int Last => Headers.Length - 1;

    public bool IsShown(int column) => _shown[column];

    public bool IsRight(int column) => _right[column];

    public int Width(int column) => _widths[column];

    /// <summary>Gives every column the width that it takes.</summary>
    public void Measure(IReadOnlyList<Cell[]> rows)
    {
        Array.Fill(_shown, true);
        _widths = Array.ConvertAll(Headers, header => header.Text.Length);
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
                _widths[i] = Math.Max(_widths[i], row[i].Text.Length);
        }
    }

    /// <summary>The width of a line.</summary>
    public int Total => _widths.Where((width, i) => _shown[i] && width > 0).Sum(width => width + Gap) - Gap;

    /// <summary>Leaves out columns and cuts others until a line has room.</summary>
    public void Fit(int width)
    {
        // Sentences need little room to be there; how much they get is seen when the others have theirs.
        var wanted = _widths[Last];
        if (HasSentences)
        {
            _widths[Last] = Math.Min(wanted, NarrowestText);
            _widths[Last] = Total <= width ? _widths[Last] : 0;
        }
        foreach (var header in Dispensable)
        {
            if (Total <= width)
                break;
            if (Array.FindIndex(Headers, one => one.Text == header) is >= 0 and var column)
                _shown[column] = false;
        }
        while (Total > width && Widest(HasSentences ? Last : Headers.Length) is { } column)
            _widths[column]--;
        if (HasSentences && _widths[Last] > 0)
            _widths[Last] = Math.Clamp(width - Total + _widths[Last], 1, wanted);
    }

    /// <summary>The widest of the columns of text before <paramref name="end"/> that can become narrower; null: none can.</summary>
    private int? Widest(int end)
    {
        int? widest = null;
        for (var i = 0; i < end; i++)
        {
            if (_shown[i] && !_right[i] && _widths[i] > Math.Max(Narrowest, Headers[i].Text.Length)
                && (widest is null || _widths[i] > _widths[widest.Value]))
                widest = i;
        }
        return widest;
    }
}
