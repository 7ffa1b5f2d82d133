using SoftSwitch.Cli.Tables;
using SoftSwitch.State;

namespace SoftSwitch.Api.Lists;

/// <summary>A list of the API as its route, its description and the commands need it, whatever its items are.</summary>
internal interface IApiList
{
    /// <summary>Its name under /v1 and behind `show`, such as ports.</summary>
    string Name { get; }

    /// <summary>What it is and in which order, for the description of the API.</summary>
    string Summary { get; }

    /// <summary>What it is, for the help, without a full stop.</summary>
    string Help { get; }

    /// <summary>What `show` says instead of a table without rows.</summary>
    string Empty { get; }

    /// <summary>What can be typed, one at least.</summary>
    IReadOnlyList<string> Examples { get; }

    IReadOnlyList<ListFilter> Filters { get; }

    /// <summary>`show` can also print whom it is about as a file such as /etc/hosts.</summary>
    bool HasHosts { get; }

    /// <summary>What its items are.</summary>
    IApiObject Item { get; }

    /// <summary>How `show` prints it.</summary>
    TableLayout Table { get; }

    /// <summary>Answers a request: a page as JSON.</summary>
    /// <exception cref="ProblemException">Something is wrong with the query.</exception>
    byte[] Answer(SwitchSnapshot snapshot, IQueryCollection parameters);
}
