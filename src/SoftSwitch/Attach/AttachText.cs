using SoftSwitch.Model;

namespace SoftSwitch.Attach;

/// <summary>
/// What plugs a guest into one port, ready to be pasted: a line, XML or steps, or why there are none and what would do. Each kind of port
/// words its own; nothing here asks the machine.
/// </summary>
/// <param name="Fits">False: <paramref name="Text"/> is the reason, one line.</param>
/// <param name="Text">Without a line break at its end.</param>
public sealed record AttachText(bool Fits, string Text)
{
    public static AttachText Of(string text) => new(true, text);

    public static AttachText Refused(PortModel port, string why) => new(false, $"port '{port.Name}' is of kind {port.Kind}: {why}");
}
