using System.CommandLine;
using SoftSwitch.Api.Lists;

namespace SoftSwitch.Cli;

/// <summary>A filter of a list as an option, called like the parameter that it sets.</summary>
internal sealed class FilterOption : Option<string?>
{
    public FilterOption(ListFilter filter, SocketOption socket) : base($"--{filter.Name}")
    {
        Description = filter.Description;
        HelpName = filter.Value;
        if (filter.Words is { } words)
            CompletionSources.Add([.. words]);
        else if (filter.NamesOf is { } list)
            CompletionSources.Add(RunningNames.Of(list, socket));
    }

    /// <summary>Those of <paramref name="filters"/> that were given, as the API's query.</summary>
    public static string Query(ParseResult parsed, IEnumerable<FilterOption> filters) => string.Join('&',
        from filter in filters
        let value = parsed.GetValue(filter)
        where value is not null
        select $"{filter.Name.TrimStart('-')}={Uri.EscapeDataString(value)}");
}
