using System.CommandLine;
using SoftSwitch.Api.Lists;

namespace SoftSwitch.Cli;

/// <summary>The options that the kinds of `show` share.</summary>
internal sealed class ShowOptions(SocketOption socket)
{
    public SocketOption Socket => socket;

    /// <summary>The API's JSON instead of a table.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Prints the API's JSON" };

    /// <summary>Once a second until Ctrl-C.</summary>
    public Option<bool> Watch { get; } = new("--watch") { Description = "Shows it anew each second until Ctrl-C" };

    /// <summary>A filter as an option, called like the parameter that it sets.</summary>
    public Option<string?> Of(ListFilter filter)
    {
        var option = new Option<string?>($"--{filter.Name}") { Description = filter.Description, HelpName = filter.Value };
        if (filter.Words is { } words)
            option.CompletionSources.Add([.. words]);
        else if (filter.NamesOf is { } list)
            option.CompletionSources.Add(RunningNames.Of(list, socket));
        return option;
    }

    /// <summary>Those of <paramref name="filters"/> that were given, as the API's query.</summary>
    public static string Query(ParseResult parsed, IEnumerable<Option<string?>> filters) => string.Join('&',
        from filter in filters
        let value = parsed.GetValue(filter)
        where value is not null
        select $"{filter.Name.TrimStart('-')}={Uri.EscapeDataString(value)}");
}
