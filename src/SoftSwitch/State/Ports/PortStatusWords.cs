using SoftSwitch.Text;

namespace SoftSwitch.State.Ports;

/// <summary>The words of the API for <see cref="PortStatus"/>.</summary>
internal static class PortStatusWords
{
    public static WordList<PortStatus> Words { get; } = new(
        (PortStatus.Up, "up"), (PortStatus.Waiting, "waiting"), (PortStatus.Down, "down"), (PortStatus.Failed, "failed"));

    public static string Word(this PortStatus status) => Words[status];
}
