#!/usr/bin/env python
from hello_crew import HelloWorldCrew


def run():
    """
    Kick off the HelloWorld crew with no inputs.
    """
    HelloWorldCrew().hello_crew().kickoff(inputs={})

if __name__ == "__main__":
    run()

