using System.CommandLine;
using SoftSwitch.Errors;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>An option that says in which format something is written; left out, it is the first.</summary>
internal abstract class FormatOption<T> : Option<string> where T : struct, Enum
{
    private readonly string _what;
    private readonly WordList<T> _words;

    protected FormatOption(string name, string what, WordList<T> words) : base(name)
    {
        (_what, _words) = (what, words);
        HelpName = "FORMAT";
        DefaultValueFactory = _ => words.All[0];
        CompletionSources.Add([.. words.All]);
    }

    /// <exception cref="CommandException">There is no such word.</exception>
    public T Of(ParseResult parsed)
    {
        var word = parsed.GetRequiredValue(this);
        return _words.Of(word)
            ?? throw new CommandException(ExitStatus.Mistake, $"there is no {_what} '{word}': write {Shown.Or(_words.All)}");
    }
}
