namespace SoftSwitch.Api.Events;

/// <summary>An event as it is sent, and what readers choose it by.</summary>
/// <param name="Number">It is the one after the one before.</param>
/// <param name="View">What it says.</param>
/// <param name="Json">The same as JSON, on one line.</param>
internal sealed record EventLine(long Number, EventView View, byte[] Json);
