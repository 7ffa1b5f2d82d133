using System.Globalization;
using SoftSwitch.Bounds;

namespace SoftSwitch.Api.Lists;

/// <summary>
/// The query of a list: <c>limit</c>, <c>cursor</c>, and the filters its route knows. Anything else, anything twice and anything
/// empty is refused, so that a misspelt filter never answers with everything.
/// </summary>
internal sealed class ListQuery
{
    public const int DefaultLimit = 1000;
    public const int LongestValue = 256;
    private readonly Dictionary<string, string> _values = [];

    private ListQuery()
    {
    }

    /// <summary>Items on a page, 1 to <see cref="ProgramLimits.Page"/>.</summary>
    public int Limit { get; private init; } = DefaultLimit;

    /// <summary>What an earlier page gave as `next`; null: from the start.</summary>
    public string? Cursor => this["cursor"];

    /// <summary>The value of a parameter, or null when it wasn't given.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>True: the filter <paramref name="name"/> wasn't given, or has this value.</summary>
    public bool Allows(string name, string value) => this[name] is not { } asked || asked == value;

    /// <param name="query">What stands behind the question mark.</param>
    /// <param name="filters">The names the route knows beside limit and cursor.</param>
    /// <exception cref="ProblemException">400.</exception>
    public static ListQuery Read(IQueryCollection query, params ReadOnlySpan<string> filters)
    {
        RefuseUnknown(query, ["limit", "cursor", .. filters]);
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var text)
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                && limit >= 1 && limit <= ProgramLimits.Page.Most))
            throw new ProblemException(StatusCodes.Status400BadRequest, $"limit is a number from 1 to {ProgramLimits.Page.Most}");
        var result = new ListQuery { Limit = limit };
        foreach (var (name, value) in query)
            result._values[name] = value.ToString();
        return result;
    }

    /// <exception cref="ProblemException">400: a parameter that isn't one of <paramref name="known"/>, or is given twice, empty or too
    /// long.</exception>
    public static void RefuseUnknown(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name))
                throw new ProblemException(StatusCodes.Status400BadRequest, known.Length == 0
                    ? $"unknown parameter '{name}': this takes none"
                    : $"unknown parameter '{name}': this takes {string.Join(", ", known.ToArray())}");
            if (values.Count != 1 || values[0] is not { Length: > 0 and <= LongestValue })
                throw new ProblemException(StatusCodes.Status400BadRequest,
                    $"'{name}' takes one value, of at most {LongestValue} characters");
        }
    }

    public static ProblemException BadCursor() => new(StatusCodes.Status400BadRequest, "cursor takes what an earlier page gave as next");
}
