using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;
using SoftSwitch.Api;
using SoftSwitch.Api.Events;
using SoftSwitch.Errors;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Cli;

/// <summary>softswitch show events: what happens, a line each, until Ctrl-C. It waits while the switch is restarted.</summary>
internal sealed class ShowEventsCommand : Command
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly Option<string> _topic = new("--topic")
    {
        Description = "Only these topics, such as port,lease",
        HelpName = "TOPICS",
    };

    private readonly Option<string> _network = new("--network") { Description = "Only this network", HelpName = "NETWORK" };
    private readonly Option<string> _port = new("--port") { Description = "Only this port", HelpName = "PORT" };
    private readonly Option<bool> _json = new("--json") { Description = "Prints each event as the API's JSON, on a line" };

    public ShowEventsCommand(SocketOption socket) : base("events", "What happens, a line each, until Ctrl-C")
    {
        _topic.CompletionSources.Add([.. EventTopics.Words]);
        _network.CompletionSources.Add(RunningNames.Of(ApiLists.Networks, socket));
        _port.CompletionSources.Add(RunningNames.Of(ApiLists.Ports, socket));
        foreach (var option in (IEnumerable<Option>)[_topic, _network, _port, _json, socket])
            Add(option);
        SetAction((parsed, _) => Follow(parsed, socket));
    }

    private async Task<int> Follow(ParseResult parsed, SocketOption socket)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        using var client = new ControlClient(socket.OfClient(parsed));
        using var interrupt = new Interrupt(() => (output as OutputWriter)?.Abandon());
        string? last = null;
        var (seen, waits) = (false, false);
        try
        {
            while (output is not OutputWriter { IsClosed: true })
            {
                try
                {
                    await client.Stream(Address(parsed), async stream =>
                    {
                        (seen, waits) = (true, false);
                        await foreach (var one in SseParser.Create(stream).EnumerateAsync(interrupt.Come))
                        {
                            last = one.EventId ?? last;
                            output.WriteLine(parsed.GetValue(_json) ? one.Data : LineOf(one.Data));
                            output.Flush();
                            if (output is OutputWriter { IsClosed: true })
                                return;
                        }
                    }, last, interrupt.Come);
                }
                catch (CommandException e) when (seen && e.MayPass)
                {
                    if (!waits)
                        error.WriteLine($"waiting for the switch: {e.Message}");
                    waits = true;
                }
                await Task.Delay(s_between, interrupt.Come);
            }
            return ExitStatus.Done;
        }
        catch (OperationCanceledException) when (interrupt.Come.IsCancellationRequested)
        {
            return ExitStatus.Done;
        }
    }

    private string Address(ParseResult parsed)
    {
        string[] given =
        [
            .. from option in (Option<string>[])[_topic, _network, _port]
               where parsed.GetValue(option) is { Length: > 0 }
               select $"{option.Name[2..]}={Uri.EscapeDataString(parsed.GetValue(option)!)}",
        ];
        return given.Length == 0 ? "v1/events" : $"v1/events?{string.Join('&', given)}";
    }

    /// <summary>The time of this machine's clock, and the line for people.</summary>
    private static string LineOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        var time = document.RootElement.GetProperty("time").GetDateTimeOffset();
        return $"{time.ToLocalTime():HH:mm:ss.fff} {document.RootElement.GetProperty("text").GetString()}";
    }
}
