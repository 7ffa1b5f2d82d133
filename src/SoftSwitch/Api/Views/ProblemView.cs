namespace SoftSwitch.Api.Views;

/// <summary>A mistake, as application/problem+json (RFC 9457).</summary>
/// <param name="Type">about:blank: the title says what the status says.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">One line: what is wrong, and the cure.</param>
internal sealed record ProblemView(string Type, string Title, int Status, string Detail);
