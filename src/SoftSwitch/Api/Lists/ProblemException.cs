namespace SoftSwitch.Api.Lists;

/// <summary>A request that gets a problem for an answer.</summary>
/// <param name="status">The HTTP status, 400 to 599.</param>
/// <param name="detail">One line: what is wrong, and the cure.</param>
internal sealed class ProblemException(int status, string detail) : Exception(detail)
{
    public int Status => status;
}
