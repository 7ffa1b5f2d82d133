using System.CommandLine;
using System.Text.Json;

namespace SoftSwitch.Cli;

/// <summary>softswitch show config: the running configuration as JSON, which is YAML too: `softswitch run` accepts it.</summary>
internal sealed class ShowConfigCommand : Command
{
    public ShowConfigCommand(ShowOptions options) : base("config", "The running configuration; `softswitch run` accepts what this prints")
    {
        options.AddTo(this);
        SetAction((parsed, _) => options.Show(parsed, async (client, screen, cancel) =>
        {
            var text = await client.Text("v1/config", cancel);
            try
            {
                screen.Print(await PrettyJson.Of(text));
            }
            catch (JsonException)
            {
                screen.Print(text);
            }
        }));
    }
}
