using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>softswitch reload [FILE] [--dry-run] [--json]</summary>
internal sealed class ReloadCommand : Command
{
    public ReloadCommand(ChangeOptions options) : base("reload",
        "Has the running switch become what its file says now, all or nothing; what isn't another is not touched")
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "Another configuration file, read by this command; the switch's own when left out",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Add(file);
        options.AddTo(this, mayExpire: false);
        SetAction((parsed, cancel) =>
        {
            string? text = null;
            var path = parsed.GetValue(file);
            if (path is not null)
            {
                var mistakes = new MistakeList(path);
                text = ConfigText.Load(path, mistakes) ?? throw new CommandException(ExitStatus.Mistake, $"{mistakes.Sorted()[0]}");
            }
            (string, string)[] query = path is null ? [] : [(ChangeParameters.FileName, path)];
            return options.Send(parsed, HttpMethod.Post, ChangeRoutes.ReloadPath[1..], query, text, cancel,
                ChangeRoutes.ConfigTypes[0], "nothing to change: the file says what runs");
        });
    }
}
