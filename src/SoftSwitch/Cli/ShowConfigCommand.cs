using System.CommandLine;
using System.Text.Json;

namespace SoftSwitch.Cli;

/// <summary>softswitch show config: the running configuration as JSON, which is YAML too: `softswitch run` accepts it.</summary>
internal sealed class ShowConfigCommand : Command
{
    public ShowConfigCommand(ShowOptions options) : base("config", "The running configuration; `softswitch run` accepts what this prints")
    {
        Add(options.Json);
        Add(options.Watch);
        Add(options.Socket);
        SetAction(async (parsed, _) =>
        {
            using var client = new ControlClient(options.Socket.OfClient(parsed));
            return await Screen.Show(parsed, parsed.GetValue(options.Watch), async (screen, cancel) =>
            {
                var text = await client.Text("v1/config", cancel);
                try
                {
                    screen.Print(PrettyJson.Of(text));
                }
                catch (JsonException)
                {
                    screen.Print(text);
                }
            });
        });
    }
}
