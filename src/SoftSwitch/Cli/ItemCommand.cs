using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Config.Rows;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Cli;

/// <summary>softswitch port|network add|set|remove NAME…: what is made, changed and removed while the switch runs.</summary>
internal sealed class ItemCommand : Command
{
    private const string Range = "a range such as vm[1-50] is that many";

    /// <param name="noun">What it is about.</param>
    /// <param name="keys">All keys that one of them may have.</param>
    /// <param name="needed">Those that it can't be made without.</param>
    /// <param name="options">What such commands share.</param>
    public ItemCommand(RunTimeNoun noun, IReadOnlyList<Row> keys, IReadOnlyList<Row> needed, ChangeOptions options)
        : base(noun.Word(), $"Makes, changes and removes {noun.Word()}s of the running switch")
    {
        Add(MakeAdd(noun, keys, needed, options));
        Add(MakeSet(noun, keys, options));
        Add(MakeRemove(noun, options));
        if (noun != RunTimeNoun.Port)
            return;
        // What isn't said is up: the file may come to say it.
        Add(MakeAdmin("up", "Opens ports again that were set down", "null", options));
        Add(MakeAdmin("down", "Closes ports until they are set up again: nothing goes in or out", "\"down\"", options));
    }

    private static Command MakeAdd(RunTimeNoun noun, IReadOnlyList<Row> keys, IReadOnlyList<Row> needed, ChangeOptions options)
    {
        var add = new Command("add", $"Makes {noun.Word()}s: they stay over a reload and a restart until they are removed");
        var name = new Argument<string>("NAME") { Description = $"A name for it; {Range}" };
        var values = new KeyOptions(keys, needed: needed);
        add.Add(name);
        Completed(values, keys, options).AddTo(add);
        options.AddTo(add);
        add.SetAction((parsed, cancel) => options.Send(parsed, HttpMethod.Post, ListOf(noun), [],
            values.Json(parsed, (ChangeParameters.Name, parsed.GetRequiredValue(name))), cancel));
        return add;
    }

    private static Command MakeSet(RunTimeNoun noun, IReadOnlyList<Row> keys, ChangeOptions options)
    {
        var set = new Command("set", $"Changes keys of {noun.Word()}s; what isn't named stays as it is");
        var names = Names(noun, options);
        var values = new KeyOptions(keys, mayUnset: true);
        set.Add(names);
        Completed(values, keys, options).AddTo(set);
        options.AddTo(set);
        set.SetAction((parsed, cancel) => values.Any(parsed) || options.HasTtl(parsed)
            ? options.Send(parsed, HttpMethod.Patch, PathOf(noun, parsed.GetRequiredValue(names)), [], values.Json(parsed), cancel)
            : throw new CommandException(ExitStatus.Mistake, "nothing to set: write a key and its value, such as --comment \"of web\" "
                + $"(see: softswitch {noun.Word()} set --help)"));
        return set;
    }

    private static Command MakeRemove(RunTimeNoun noun, ChangeOptions options)
    {
        var remove = new Command("remove", $"Removes {noun.Word()}s; those of the file stay away until they are added again");
        var names = Names(noun, options);
        remove.Add(names);
        options.AddTo(remove);
        remove.SetAction((parsed, cancel) =>
            options.Send(parsed, HttpMethod.Delete, PathOf(noun, parsed.GetRequiredValue(names)), [], null, cancel));
        return remove;
    }

    private static Command MakeAdmin(string word, string says, string state, ChangeOptions options)
    {
        var command = new Command(word, says);
        var names = Names(RunTimeNoun.Port, options);
        command.Add(names);
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.Send(parsed, HttpMethod.Patch,
            PathOf(RunTimeNoun.Port, parsed.GetRequiredValue(names)), [], $$"""{"admin":{{state}}}""", cancel));
        return command;
    }

    private static Argument<string[]> Names(RunTimeNoun noun, ChangeOptions options)
    {
        var names = new Argument<string[]>("NAME")
            { Description = $"Which, one or more; {Range}", Arity = ArgumentArity.OneOrMore };
        names.CompletionSources.Add(RunningNames.Of(ListNameOf(noun), options.Socket));
        // Else an option that there isn't would be taken for a name.
        names.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-')) is { } option)
                result.AddError(option.Value);
        });
        return names;
    }

    /// <summary>Names of networks are completed with those that run.</summary>
    private static KeyOptions Completed(KeyOptions values, IReadOnlyList<Row> keys, ChangeOptions options)
    {
        if (keys.FirstOrDefault(row => row.Name == ListNameOf(RunTimeNoun.Network).TrimEnd('s')) is { } network)
            values.Of(network).CompletionSources.Add(RunningNames.Of(ListNameOf(RunTimeNoun.Network), options.Socket));
        if (keys.FirstOrDefault(row => row.Name == InterfaceKeys.Netns.Name) is { } netns)
            values.Of(netns).CompletionSources.Add(RunningNames.OfNamespaces);
        return values;
    }

    private static string ListNameOf(RunTimeNoun noun) => ChangeParameters.ListOf(noun);

    private static string ListOf(RunTimeNoun noun) => $"v1/{ListNameOf(noun)}";

    private static string PathOf(RunTimeNoun noun, string[] names) => $"{ListOf(noun)}/{Uri.EscapeDataString(string.Join(',', names))}";
}
